import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { stretched } from "../../test/support/host-slowness.ts";
import { toolchainNow, toyRuntime } from "../../test/support/toy-runtime.ts";
import type { Toolchain } from "./toolchain.ts";
import { languagesWith, listLanguages, versionOf } from "./versions.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glovebox-versions-"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A toolchain whose only tool is a script, which notes in `calls` how often it was asked. */
function scripted(script: string, pattern: string, ...args: string[]): Toolchain {
  const place = join(folder, "bin/toy");
  writeFileSync(place, `#!/bin/sh\necho called >>${join(folder, "calls")}\n${script}\n`);
  chmodSync(place, 0o755);
  const runtime = toyRuntime({ version: { command: ["{toy}", ...args], pattern } });
  return toolchainNow({ runtime, tools: { toy: place }, folders: [folder] });
}

const calls = () => readFileSync(join(folder, "calls"), "utf8").split("\n").length - 1;

it("the version is the group of the pattern, or all that it matches", async () => {
  expect(await versionOf(scripted("echo 'Toy 1.2.3 (stable)'", "Toy (\\d+\\.\\d+)"))).toBe("1.2");
  expect(await versionOf(scripted("echo 'Toy 1.2.34 (stable)'", "\\d+\\.\\d+\\.\\d+"))).toBe("1.2.34");
});

it("the version is found on any line, on stderr too, and whatever the status is", async () => {
  expect(await versionOf(scripted("echo header; echo v7 >&2; exit 3", "^v(\\d)$"))).toBe("7");
});

it("the version is asked with the arguments of the manifest, in the root folder, with a small environment", async () => {
  const toolchain = scripted('echo "v$1 $PWD $HOME $LANG $(printenv SECRET || echo unset)"', "^v(.*)$", "{toy}");
  process.env.SECRET = "of the host";
  try {
    expect(await versionOf(toolchain)).toBe(`${toolchain.tools.toy} / /nonexistent C.UTF-8 unset`);
  } finally {
    delete process.env.SECRET;
  }
});

it("the version is asked once for each state of the program, by all who want it at once", async () => {
  const toolchain = scripted("echo 5", "\\d");
  expect(await Promise.all([versionOf(toolchain), versionOf(toolchain), versionOf(toolchain)])).toEqual([
    "5",
    "5",
    "5",
  ]);
  await versionOf(toolchain);
  expect(calls()).toBe(1);
  writeFileSync(toolchain.tools.toy ?? "", `#!/bin/sh\necho 6\n`);
  expect(await versionOf(toolchainNow(toolchain))).toBe("6");
});

it("the version is null for a program that says none or cannot be started", async () => {
  expect(await versionOf(scripted("echo none", "\\d+"))).toBeNull();
  const toolchain = scripted("", "\\d+");
  writeFileSync(toolchain.tools.toy ?? "", "#!/no/such/interpreter\n");
  expect(await versionOf(toolchain)).toBeNull();
});

it("a program that did not say its version is asked again", async () => {
  const answer = join(folder, "answer");
  const toolchain = scripted(`cat ${answer} 2>/dev/null`, "\\d+");
  expect(await versionOf(toolchain)).toBeNull();
  writeFileSync(answer, "8\n");
  expect(await versionOf(toolchain)).toBe("8");
  expect(calls()).toBe(2);
});

/** Every compiler of the host is started. */
const patient = { timeout: stretched(30_000) };

it("every language is listed, one whose program is missing with the command that installs it", patient, async () => {
  const languages = await listLanguages();
  expect(languages.find(({ name }) => name === "perl")).toEqual({
    name: "perl",
    title: "Perl",
    aliases: ["perl5"],
    extensions: [".pl"],
    version: expect.stringMatching(/^5\.\d+\.\d+$/),
    available: true,
    install: null,
  });
  for (const { name, version, available, install } of languages) {
    expect([name, available, install]).toEqual([name, version !== null, available ? null : `./glovebox setup ${name}`]);
  }
});

it("languages are not listed with a folder that sandboxes would not see", async () => {
  await expect(listLanguages(["/usr/lib", "/tmp"])).rejects.toMatchObject({
    code: "invalid-configuration",
    errors: [{ field: "toolchains[1]" }],
  });
});

it("a folder that is gone since the start takes no language of the system along", patient, async () => {
  const gone = join(folder, "gone");
  await expect(listLanguages([gone])).rejects.toMatchObject({ code: "invalid-configuration" });
  expect(await languagesWith([gone])).toEqual(await listLanguages());
});

it("the version of a toolchain that is gone is null", async () => {
  const toolchain = scripted("echo 5", "\\d");
  rmSync(join(folder, "bin"), { recursive: true });
  expect(await versionOf(toolchain)).toBeNull();
});
