import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type Setting, silent, start } from "../../test/support/fake-run.ts";
import { testFolder } from "../../test/support/test-folder.ts";

const folder = testFolder();
const at = (name: string) => join(folder(), name);

beforeEach(async () => {
  const names = ["main.mjs", "lib/util.mjs", "lib/deep/a.mjs", "node_modules/x/index.js", "notes.log", "data/a.csv"];
  for (const name of names) {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), name);
  }
});

/** Starts `glovebox run` and gives what it asked for: the entry, and the content of each file by its name. */
async function asked(setting: Setting) {
  const { status, sandboxes, stderr } = start(silent, setting);
  expect(await status).toBe(0);
  expect(stderr.text.replace(/^glovebox: warning: .*\n/gm, "")).toBe("");
  const { entry, files = [] } = sandboxes.calls[0]?.program ?? {};
  const contents = files.map((file) => [
    file.name,
    "content" in file ? Buffer.from(file.content).toString() : undefined,
  ]);
  const warnings = [...stderr.text.matchAll(/^glovebox: warning: (.*)$/gm)].map(([, warning]) => warning);
  return { entry, files: Object.fromEntries(contents), warnings };
}

test("a file keeps its place below the folder of the program", async () => {
  const { entry, files } = await asked({ file: at("main.mjs"), flags: { file: [at("lib/util.mjs")] } });
  expect({ entry, files }).toEqual({
    entry: "main.mjs",
    files: { "main.mjs": "main.mjs", "lib/util.mjs": "lib/util.mjs" },
  });
});

test("a file that is elsewhere keeps a relative place below the current folder, and else its last part", async () => {
  const { files } = await asked({ file: at("lib/util.mjs"), flags: { file: ["packages/cli/package.json"] } });
  expect(Object.keys(files)).toEqual(["util.mjs", "packages/cli/package.json"]);
  const outside = await asked({ file: at("lib/util.mjs"), flags: { file: [at("data/a.csv")] } });
  expect(Object.keys(outside.files)).toEqual(["util.mjs", "a.csv"]);
});

test("a folder stands for its files, in the order of their names", async () => {
  const { files } = await asked({ file: at("main.mjs"), flags: { file: [at("lib"), `other/=${at("data")}`] } });
  expect(Object.entries(files)).toEqual([
    ["main.mjs", "main.mjs"],
    ["lib/deep/a.mjs", "lib/deep/a.mjs"],
    ["lib/util.mjs", "lib/util.mjs"],
    ["other/a.csv", "data/a.csv"],
  ]);
});

test("a folder that holds the program puts it where it belongs, once", async () => {
  const whole = await asked({
    file: at("lib/util.mjs"),
    flags: { file: [`.=${folder()}`], exclude: ["node_modules"] },
  });
  expect(whole.entry).toBe("lib/util.mjs");
  expect(Object.keys(whole.files)).toEqual(["data/a.csv", "lib/deep/a.mjs", "lib/util.mjs", "main.mjs", "notes.log"]);
  const own = await asked({ file: at("lib/util.mjs"), flags: { file: [at("lib")] } });
  expect(own).toMatchObject({
    entry: "util.mjs",
    files: { "deep/a.mjs": "lib/deep/a.mjs", "util.mjs": "lib/util.mjs" },
  });
});

test("what is excluded is left out, in the patterns of .gitignore", async () => {
  const exclude = ["node_modules/", "*.log", "/lib/**/a.mjs"];
  const { files } = await asked({ file: at("main.mjs"), flags: { file: [folder()], exclude } });
  expect(Object.keys(files)).toEqual(["data/a.csv", "lib/util.mjs", "main.mjs"]);
});

test("links are not followed, wherever they lead, and counted", async () => {
  await symlink("/etc", at("lib/etc"));
  await symlink("/etc/passwd", at("lib/passwd"));
  await symlink("util.mjs", at("lib/same"));
  const { files, warnings } = await asked({ file: at("main.mjs"), flags: { file: [at("lib")] } });
  expect(Object.keys(files)).toEqual(["main.mjs", "lib/deep/a.mjs", "lib/util.mjs"]);
  expect(warnings).toEqual([`--file: 3 links and special files were left out of ${JSON.stringify(at("lib"))}`]);
});

test.each([
  ["a folder as the program", { file: "packages" }, 'FILE: "packages" is a folder; name the program'],
  ["a file without a name", { file: "-", flags: { file: [".=README.md"] } }, '--file: ".=README.md" names no file'],
  [
    "two files in one place",
    { file: "README.md", flags: { lang: "bash", file: ["README.md=LICENSE"] } },
    '--file: two files are named "README.md"',
  ],
])("%s is refused", async (_name, setting, says) => {
  const { status, stderr } = start(silent, { ...setting, stdin: { kind: "pipe", data: "1" } });
  expect(await status).toBe(2);
  expect(stderr.text).toContain(says);
});
