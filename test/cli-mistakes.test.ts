/** What a user gets wrong on the command line: it is named, and nothing is started. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endChildren } from "./support/child.ts";
import { run, scratchFiles, seen } from "./support/cli.ts";
import { glovebox } from "./support/glovebox.ts";

endChildren();
const { scratch } = scratchFiles();

/** Each with the message for it. NAME=PATH cannot hold a NUL: no argument of a process can. */
const mistakes: readonly [string, readonly string[], string][] = [
  ["an unknown option", ["run", "--bogus", "-c", "1"], "unknown option '--bogus'"],
  ["an unknown command", ["frobnicate"], "unknown command 'frobnicate'"],
  ["no program", ["run"], "FILE: no program is given"],
  ["two programs", ["run", "-c", "1", "README.md"], "FILE: both FILE and -c are given"],
  ["arguments without --", ["run", "README.md", "x"], "arguments of the program come after '--'"],
  [
    "text for a number",
    ["run", "-c", "1", "--timeout", "soon"],
    '--timeout: needs a time such as 500ms, 10s, 2m or 1h (a number alone is in s), not "soon"',
  ],
  ["an empty program", ["run", "-c", " \n"], "CODE: must not be empty"],
  ["a name with '..'", ["run", "-c", "1", "--file", "../x=README.md"], "--file: must not contain '..'"],
  [
    "a name with a leading '/'",
    ["run", "-c", "1", "--file", "/x=README.md"],
    "--file: must be relative: remove the leading '/'",
  ],
  [
    "a name twice",
    ["run", "-c", "1", "--file", "x=README.md", "--file", "x=LICENSE"],
    '--file: two files are named "x"',
  ],
  [
    "a file below a file",
    ["run", "-c", "1", "--file", "x=LICENSE", "--file", "x/y=LICENSE"],
    "--file: 'x' is named both as a file and as a folder",
  ],
  [
    "a negative time",
    ["run", "-c", "1", "--timeout", "-1"],
    '--timeout: needs a time such as 500ms, 10s, 2m or 1h (a number alone is in s), not "-1"',
  ],
  [
    "a negative memory",
    ["run", "-c", "1", "--memory=-5"],
    '--memory: needs a size such as 64KB, 512MB or 1.5GB (a number alone is in MB), not "-5"',
  ],
  ["no memory", ["run", "-c", "1", "--memory", "1"], "--memory: must be at least 16 MB"],
  [
    "a time over the ceiling",
    ["run", "-c", "1", "--timeout", "999999"],
    "--timeout: 999999 s is over this host's ceiling of 3600 s",
  ],
  [
    "a program that is not there",
    ["run", "no-such-file.py"],
    'FILE: cannot read "no-such-file.py": there is no such file',
  ],
  ["a folder as the program", ["run", "examples"], 'FILE: "examples" is a folder'],
  [
    "a file that is not there",
    ["run", "-c", "1", "--file", "no-such.csv"],
    '--file: cannot read "no-such.csv": there is no such file',
  ],
  ["a folder as the program", ["run", "examples"], 'FILE: "examples" is a folder'],
  ["a device as a file", ["run", "-c", "1", "--file", "/dev/zero"], '--file: "/dev/zero" is not a regular file'],
  [
    "an input that is not there",
    ["run", "-c", "1", "--stdin", "no-such"],
    '--stdin: cannot read "no-such": there is no such file',
  ],
  ["data that is no JSON", ["run", "-c", "1", "--data", "{x"], "--data: is not JSON"],
  [
    "a data file that is not there",
    ["run", "-c", "1", "--data", "@no-such.json"],
    '--data: cannot read "no-such.json"',
  ],
  ["a parameter without a value", ["run", "-c", "1", "--param", "x"], '--param: needs NAME=VALUE, not "x"'],
  ["a parameter twice", ["run", "-c", "1", "--param", "x=1", "--param", "x=2"], '--param: gives "x" twice'],
  ["a bad name of a variable", ["run", "-c", "1", "--env", "1A=x"], "--env: "],
  ["an unknown waiver", ["run", "-c", "1", "--waive", "walls"], "--waive: "],
  ["a folder that cannot be made", ["run", "-c", "1", "--out", "/dev/null/x"], '--out: cannot write to "/dev/null/x"'],
  ["an unknown option of serve", ["serve", "--bogus"], "unknown option '--bogus'"],
  ["a port that is no number", ["serve", "--port", "http"], "--port: must be a whole number"],
  ["an unknown limit", ["serve", "--ceiling", "ram=1"], '--ceiling: there is no limit "ram"'],
  [
    "text for a limit of the compiler",
    ["run", "-c", "1", "--compile-timeout", "soon"],
    '--compile-timeout: needs a time such as 500ms, 10s, 2m or 1h (a number alone is in s), not "soon"',
  ],
  [
    "too much for the compiler",
    ["run", "-c", "1", "--compile-memory", "99999"],
    "--compile-memory: 99999 MB is over this host's ceiling of 16384 MB",
  ],
  [
    "an option that no compiler may have",
    ["run", "--lang", "c", "-c", "int main;", "--compiler-option=-fplugin=x.so"],
    '--compiler-option: "-fplugin=x.so" is not allowed; C allows: -O0 to -O3, ',
  ],
  ["a relative toolchain", ["run", "-c", "1", "--toolchain", "go"], '--toolchain: must be an absolute path, not "go"'],
  [
    "a toolchain that would show the host",
    ["run", "-c", "1", "--toolchain", "/etc"],
    "--toolchain: /etc cannot be shown to sandboxes, because it is in /etc",
  ],
  [
    "a toolchain that is not there",
    ["serve", "--toolchain", "/opt,/no-such-folder"],
    "--toolchain: /no-such-folder is no folder",
  ],
  [
    "an unknown language of serve",
    ["serve", "--language", "brainfuck"],
    "--language: 'brainfuck' is not known; known are: ",
  ],
  ["a relative folder of serve", ["serve", "--cache-dir", "x"], '--cache-dir: must be an absolute path, not "x"'],
];

async function expectRefusal(args: readonly string[], message: string, call: Parameters<typeof glovebox>[1] = {}) {
  const folder = join(scratch(), randomBytes(8).toString("hex")); // made by the first step of making sandboxes
  const env = { GLOVEBOX_RUNTIME_DIR: folder, ...call.env };
  const { status, stdout, stderr } = seen(await glovebox(args, { ...call, env }));
  expect({ status, stdout, started: existsSync(folder) }).toEqual({ status: 2, stdout: "", started: false });
  expect(stderr).toContain(`glovebox: ${message}`);
  expect(
    stderr
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("glovebox: ")),
  ).toEqual([]);
}

test.each(mistakes)("%s ends with 2, is named, and nothing is started", async (_title, args, message) => {
  await expectRefusal(args, message);
});

test("a program over 1 MiB ends with 2, and nothing is started", async () => {
  const stdin = `print(1)${" ".repeat(1024 * 1024)}`;
  await expectRefusal(["run", "-"], "-: the program on stdin is over 1 MiB; move its data to a file, --file PATH", {
    stdin,
  });
});

test("a file that may not be read ends with 2, and nothing is started", async () => {
  // Root may read every file; a loop of links is one that nobody can.
  const loop = join(scratch(), "loop");
  mkdirSync(loop);
  symlinkSync("self", join(loop, "self"));
  await expectRefusal(["run", "-c", "1", "--file", join(loop, "self")], "--file: cannot read");
});

test("an unknown language ends with 2 and the known ones are listed", async () => {
  const { status, stdout, stderr } = seen(await run("--lang", "brainfuck", "-c", "print(1)"));
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^glovebox: --lang: '.*' is not known; known are: [a-z, ]*\bpython\b[a-z, ]*\n$/);
});

test("a folder that cannot be made, however often one tries, is refused", async () => {
  await expectRefusal(["run", "-c", "1", "--out", "/proc/glovebox/out"], '--out: cannot write to "/proc/glovebox/out"');
});

test("a language that is nearly right is suggested", async () => {
  const { status, stderr } = await run("--lang", "pyhton", "-c", "print(1)");
  expect(status).toBe(2);
  expect(stderr).toContain("glovebox: --lang: 'pyhton' is not known; did you mean 'python'? known are: ");
});

test("an unknown variable of Glovebox's is refused by name", async () => {
  await expectRefusal(["run", "-c", "1"], "GLOVEBOX_BOGUS: unknown variable", { env: { GLOVEBOX_BOGUS: "1" } });
});

test("the folder of a variable that may not be shown is refused by the variable's name", async () => {
  const env = { GLOVEBOX_TOOLCHAINS: "/opt,/home" };
  const message = "GLOVEBOX_TOOLCHAINS: /home may not be shown to sandboxes";
  for (const command of [["run", "-c", "1"], ["serve"]]) await expectRefusal(command, message, { env });
});

test("a variable against its rule is refused by name", async () => {
  const env = { GLOVEBOX_DEFAULT_TIMEOUT_MS: "soon" };
  await expectRefusal(["run", "-c", "1"], "GLOVEBOX_DEFAULT_TIMEOUT_MS: needs a time such as 500ms", { env });
});
