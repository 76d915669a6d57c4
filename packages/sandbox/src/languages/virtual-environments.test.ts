import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveRuntime } from "./registry.ts";
import { findToolchain } from "./toolchain.ts";
import { versionOf } from "./versions.ts";
import { wrongForInterpreter } from "./virtual-environments.ts";

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "glovebox-environment-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content: string, mode = 0o644): string {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content);
  chmodSync(place, mode);
  return place;
}

const { runtime } = resolveRuntime("python", undefined);

/** The version of the interpreter that programs run in, for instance `3.11.2`. */
async function ownVersion(): Promise<string> {
  const found = findToolchain(runtime, []);
  const version = "missing" in found ? null : await versionOf(found);
  if (version === null) throw new Error("the tests need Python");
  return version;
}

describe("a virtual environment", () => {
  it("of the Python that programs run in is the language's toolchain, and its folder is shown", async () => {
    const version = await ownVersion();
    const minor = version.split(".").slice(0, 2).join(".");
    put("pyvenv.cfg", `home = /usr/bin\nversion = ${version}\n`);
    put(`lib/python${minor}/site-packages/x.py`, "");
    mkdirSync(join(folder, "bin"));
    symlinkSync("/usr/bin/python3", join(folder, "bin/python3"));
    expect(wrongForInterpreter(folder, [])).toBeUndefined();
    expect(findToolchain(runtime, [folder])).toEqual({
      runtime: expect.anything(),
      tools: { python: join(folder, "bin/python3") },
      folders: [folder],
      virtualEnvironment: folder,
      state: expect.any(String),
    });
  });

  it("whose interpreter sandboxes do not see is taken for its packages", async () => {
    put("pyvenv.cfg", `version_info = ${await ownVersion()}.final.0\n`);
    mkdirSync(join(folder, "bin"));
    symlinkSync("/root/no-such-python", join(folder, "bin/python3"));
    const found = findToolchain(runtime, [folder]);
    expect(found).toMatchObject({ folders: [folder], virtualEnvironment: folder });
    expect(found).toMatchObject({ tools: { python: expect.stringMatching(/^\/usr\//) } });
  });

  it("of another Python is refused with both versions", async () => {
    put("pyvenv.cfg", "home = /opt/python/bin\nversion = 3.99.4\n");
    expect(wrongForInterpreter(folder, [])).toBe(
      `is a virtual environment of Python 3.99.4, and Python programs run in /usr/bin/python3, which is ${await ownVersion()}; make one with '/usr/bin/python3 -m venv FOLDER'`,
    );
  });

  it("without packages, and a second one, are refused", async () => {
    const version = await ownVersion();
    const packages = join(folder, `lib/python${version.split(".").slice(0, 2).join(".")}/site-packages`);
    put("pyvenv.cfg", `version = ${version}\n`);
    expect(wrongForInterpreter(folder, [])).toBe(
      `has no folder ${packages}; make it anew with '/usr/bin/python3 -m venv ${folder}'`,
    );
    put("other/pyvenv.cfg", `version = ${version}\n`);
    expect(wrongForInterpreter(folder, ["/usr", join(folder, "other")])).toBe(
      `is a second virtual environment of Python, besides ${join(folder, "other")}; give one of them`,
    );
  });
});

describe("a folder with an interpreter of its own", () => {
  it("is refused, because programs would not run in it", () => {
    const own = put("bin/python3", "#!/bin/sh\n", 0o755);
    expect(wrongForInterpreter(folder, [])).toBe(
      `has an interpreter of its own, ${own}, and Python programs run in /usr/bin/python3 alone; for other packages make a virtual environment with '/usr/bin/python3 -m venv' and give its folder`,
    );
  });

  it("is nothing special when it is the one that programs run in, or that of another language", () => {
    put("bin/node", "#!/bin/sh\n", 0o755);
    symlinkSync("/usr/bin/python3", join(folder, "python3"));
    expect(wrongForInterpreter(folder, [])).toBeUndefined();
  });
});
