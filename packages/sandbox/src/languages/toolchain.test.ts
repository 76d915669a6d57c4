import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import { checkToolchainFolders, findToolchain, requireToolchain, toolchainState, toolIdentity } from "./toolchain.ts";

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "glovebox-toolchain-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Makes a program below the folder of the test. */
function makeProgram(path: string, mode = 0o755): string {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, "#!/bin/sh\n");
  chmodSync(place, mode);
  return place;
}

function makeLink(path: string, target: string): string {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
  return place;
}

const find = (names: string[], folders: readonly string[] = [folder]) =>
  findToolchain(toyRuntime({ tools: { toy: names } }), folders);
const found = (path: string, folders: readonly string[]) => ({
  runtime: expect.anything(),
  tools: { toy: path },
  folders,
  state: expect.any(String),
});

describe("a toolchain", () => {
  it("is found on the system without an operator's folder", () => {
    expect(find(["perl"], [])).toEqual(found("/usr/bin/perl", []));
  });

  it("is taken from the operator's folder first, from its bin before itself, and the folder is shown then", () => {
    const own = makeProgram("perl");
    expect(find(["perl"])).toEqual(found(own, [folder]));
    const inBin = makeProgram("bin/perl");
    expect(find(["perl"])).toEqual(found(inBin, [folder]));
  });

  it("is taken from the first of several folders, and only the folders that were used are shown", () => {
    const first = makeProgram("first/bin/toy");
    makeProgram("second/bin/toy");
    makeProgram("third/bin/other");
    const folders = ["first", "second", "third"].map((name) => join(folder, name));
    expect(find(["toy"], folders)).toEqual(found(first, [join(folder, "first")]));
    const runtime = toyRuntime({ tools: { toy: ["toy"], shell: ["sh"], other: ["other"] } });
    expect(findToolchain(runtime, folders)).toMatchObject({
      tools: { toy: first, shell: "/usr/bin/sh", other: join(folder, "third/bin/other") },
      folders: [join(folder, "first"), join(folder, "third")],
    });
  });

  it("is taken by the first name that a place has, and places go before names", () => {
    const second = makeProgram("bin/perl-old");
    expect(find(["perl", "perl-old"])).toEqual(found(second, [folder]));
    const first = makeProgram("bin/perl");
    expect(find(["perl", "perl-old"])).toEqual(found(first, [folder]));
  });

  it("may be a link that stays in the operator's folder, absolute or relative", () => {
    makeProgram("lib/toy-1.0");
    const relative = makeLink("bin/toy", "../lib/toy-1.0");
    expect(find(["toy"])).toEqual(found(relative, [folder]));
    const absolute = makeLink("bin/toy2", join(folder, "lib/toy-1.0"));
    expect(find(["toy2"])).toEqual(found(absolute, [folder]));
  });

  it("in the operator's folder may be a link into /usr: the folder is shown, because the link lies in it", () => {
    const link = makeLink("bin/toy", "/usr/bin/perl");
    expect(find(["toy"])).toEqual(found(link, [folder]));
  });

  it("does not count when it is a link out of what sandboxes see", () => {
    const elsewhere = makeProgram("elsewhere/toy");
    makeLink("shown/bin/toy", elsewhere);
    expect(find(["toy"], [join(folder, "shown")])).toEqual({ missing: ["toy"] });
  });

  it("that is a link out of what sandboxes see gives way to a later place", () => {
    makeLink("shown/bin/perl", makeProgram("elsewhere/perl"));
    expect(find(["perl"], [join(folder, "shown")])).toEqual(found("/usr/bin/perl", []));
  });

  it("does not count in a folder whose name another one begins with", () => {
    makeLink("tool/bin/toy", makeProgram("toolbox/toy"));
    expect(find(["toy"], [join(folder, "tool")])).toEqual({ missing: ["toy"] });
  });

  it("is shown from where it really is when the operator's folder is a link", () => {
    const real = makeProgram("toy-1.0/bin/toy");
    makeLink("toy-1.0/bin/toy-absolute", real);
    const link = makeLink("current", "toy-1.0");
    expect(find(["toy"], [link])).toEqual(found(real, [join(folder, "toy-1.0")]));
    expect(find(["toy-absolute"], [link])).toEqual(
      found(join(folder, "toy-1.0/bin/toy-absolute"), [join(folder, "toy-1.0")]),
    );
  });

  it("must be a file that can be executed", () => {
    makeProgram("bin/plain", 0o644);
    mkdirSync(join(folder, "bin/directory"));
    makeLink("bin/dangling", join(folder, "nothing"));
    makeLink("bin/loop", join(folder, "bin/loop"));
    for (const name of ["plain", "directory", "dangling", "loop"]) expect(find([name])).toEqual({ missing: [name] });
  });

  it("that is missing is said by the first name of each tool, whatever was found besides", () => {
    const runtime = toyRuntime({ tools: { one: ["no-such-one", "nor-this"], shell: ["sh"], two: ["no-such-two"] } });
    expect(findToolchain(runtime, [])).toEqual({ missing: ["no-such-one", "no-such-two"] });
  });

  it("that is missing is a problem with the command that installs it", () => {
    const runtime = toyRuntime({ tools: { one: ["no-such-one"], two: ["no-such-two"] } });
    let problem: unknown;
    try {
      requireToolchain(runtime, []);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(ProblemError);
    expect(problem).toMatchObject({
      code: "language-unavailable",
      message: "Toy is not installed on this host (missing: no-such-one, no-such-two); run: ./glovebox setup toy",
      errors: [{ field: "language", message: "run: ./glovebox setup toy" }],
    });
  });

  it("is not looked for in a folder that is gone", () => {
    expect(find(["perl"], [join(folder, "gone")])).toEqual(found("/usr/bin/perl", []));
  });
});

describe("a folder that the operator names", () => {
  /** What is wrong with each of the folders, by its field. */
  function refused(...folders: string[]): Record<string, string> {
    try {
      checkToolchainFolders(folders);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      expect(error.code).toBe("invalid-configuration");
      return Object.fromEntries(error.errors.map(({ field, message }) => [field, message]));
    }
    return {};
  }

  it("is accepted when it is a folder of its own", () => {
    expect(refused("/usr/local", "/usr/lib")).toEqual({});
  });

  it.each(["/", "/root", "/home", "/var", "/var/", "/usr/..", "//home"])("is refused when it is %s", (name) => {
    expect(refused(name)).toEqual({
      "toolchains[0]": `${name} may not be shown to sandboxes; name the toolchain's own folder`,
    });
  });

  const isIn = (place: string) => `cannot be shown to sandboxes, because it is in ${place}; use a folder in /opt`;

  it.each([
    ["/etc", "/etc"],
    ["/etc/", "/etc"],
    ["/etc/ssl", "/etc"],
    ["/proc/1", "/proc"],
    ["/sys/kernel", "/sys"],
    ["/dev/shm", "/dev"],
    ["/run/lock", "/run"],
    ["/mnt", "/mnt"],
    ["/tmp", "/tmp"],
    ["/var/tmp", "/var/tmp"],
  ])("is refused when it is the host's own or sandboxes have another in its place: %s", (name, place) => {
    expect(refused(name)).toEqual({ "toolchains[0]": `${name} ${isIn(place)}` });
  });

  it("is refused when it is a link to what is refused, or on the way to it", () => {
    expect(refused("/var/run")).toEqual({ "toolchains[0]": `/var/run ${isIn("/run")}` });
    expect(refused("/usr/bin/../../etc/ssl")).toEqual({ "toolchains[0]": `/usr/bin/../../etc/ssl ${isIn("/etc")}` });
  });

  it("is refused when not everybody can enter it, because programs run as other users", () => {
    expect(refused("/var/cache/ldconfig")).toEqual({
      "toolchains[0]":
        "/var/cache/ldconfig cannot be entered by everybody, and sandboxes run as other users; change its modes",
    });
  });

  it("is refused when it is relative, missing or a file, and each is named", () => {
    expect(refused("usr/lib", "/usr/lib", "/usr/no-such-folder", "/usr/bin/perl")).toEqual({
      "toolchains[0]": "usr/lib must be an absolute path",
      "toolchains[2]": "/usr/no-such-folder is no folder",
      "toolchains[3]": "/usr/bin/perl is no folder",
    });
  });
});

describe("the identity of a tool", () => {
  it("is the same for the same file and another when its size, its time, or what it is a link to changes", () => {
    const place = makeProgram("bin/toy");
    const link = makeLink("bin/link", "toy");
    const seen = [toolIdentity(link), toolIdentity(link)];
    expect(seen[0]).toBe(seen[1]);
    utimesSync(place, 1_000, 1_000);
    seen.push(toolIdentity(link));
    writeFileSync(place, "#!/bin/sh\n#\n");
    utimesSync(place, 1_000, 1_000);
    seen.push(toolIdentity(link));
    rmSync(link);
    makeProgram("bin/toy-2");
    writeFileSync(join(folder, "bin/toy-2"), "#!/bin/sh\n#\n");
    utimesSync(join(folder, "bin/toy-2"), 1_000, 1_000);
    makeLink("bin/link", "toy-2");
    seen.push(toolIdentity(link));
    expect(new Set(seen).size).toBe(4);
  });
});

describe("the state of a toolchain, which sandboxes made earlier would not see", () => {
  const state = () => toolchainState({ tools: { toy: join(folder, "tc/toy") }, folders: places });
  let places: string[] = [];
  /** Waits until the file system's clock, which may go in steps, is past a time: two files in one step look alike. */
  function awaitLaterThan(time: number): void {
    const probe = join(folder, "probe");
    do writeFileSync(probe, "");
    while (statSync(probe).ctimeMs <= time);
  }
  beforeEach(() => {
    places = [join(folder, "tc")];
    makeProgram("tc/toy");
    utimesSync(join(folder, "tc/toy"), 1_000, 1_000);
  });

  it("is the same as long as nothing is replaced", () => {
    const before = state();
    writeFileSync(join(folder, "tc/other"), "");
    expect(state()).toBe(before);
  });

  it("is another when a folder was replaced, though the programs in it are of the same size and age", () => {
    const before = state();
    makeProgram("new/toy");
    utimesSync(join(folder, "new/toy"), 1_000, 1_000);
    renameSync(join(folder, "tc"), join(folder, "old"));
    renameSync(join(folder, "new"), join(folder, "tc"));
    const installed = statSync(join(folder, "tc/toy")).ctimeMs;
    expect(state()).not.toBe(before);
    places = [];
    const here = state();
    rmSync(join(folder, "tc/toy"));
    awaitLaterThan(installed);
    makeProgram("tc/toy");
    utimesSync(join(folder, "tc/toy"), 1_000, 1_000);
    expect(state()).not.toBe(here);
  });

  it("is another one when it is gone", () => {
    const before = state();
    rmSync(join(folder, "tc"), { recursive: true });
    expect(state()).not.toBe(before);
  });
});
