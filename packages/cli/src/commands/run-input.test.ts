import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { code, type Setting, silent, start, testFolder } from "../../test/support/fake-run.ts";
import type { StdinKind } from "../arguments/stdin.ts";

const folder = testFolder();

test("a program file runs under its own name and input files go by path", async () => {
  await writeFile(join(folder(), "main.py"), "print(1)");
  await writeFile(join(folder(), "data.csv"), "a,b");
  const { status, sandboxes } = start(silent, {
    file: join(folder(), "main.py"),
    args: ["-v", "x"],
    flags: {
      file: [join(folder(), "data.csv"), `in/other.csv=${join(folder(), "data.csv")}`],
      param: ["n=3", "name=Ada", "id=12345678901234567890"],
      env: ["A=b=c"],
      return: ["total"],
      data: '{"k":[1]}',
      disk: "1",
    },
  });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.spec).toEqual({
    language: "python",
    entry: "main.py",
    files: [
      { name: "main.py", path: join(folder(), "main.py") },
      { name: "data.csv", path: join(folder(), "data.csv") },
      { name: "in/other.csv", path: join(folder(), "data.csv") },
    ],
    args: ["-v", "x"],
    parameters: { n: 3, name: "Ada", id: "12345678901234567890" },
    env: { A: "b=c" },
    returnVariables: ["total"],
    data: { k: [1] },
    limits: { diskBytes: 1_048_576 },
  });
});

test("options of the compiler go in their order, for a language that has one", async () => {
  const flags = { ...code, lang: "c", compilerOption: ["-O3", "-DA=b c", "-O0"] };
  const { status, sandboxes } = start(silent, { flags });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.spec.compilerOptions).toEqual(["-O3", "-DA=b c", "-O0"]);
});

test("'-' reads the program from stdin", async () => {
  const { status, sandboxes } = start(silent, { file: "-", stdin: { kind: "pipe", data: "print('é')" } });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.spec).toMatchObject({ code: "print('é')", language: "python" });
  expect(sandboxes.calls[0]?.spec.stdin).toBeUndefined();
});

test.each<StdinKind>(["pipe", "socket", "file"])("a %s on stdin becomes the program's stdin", async (kind) => {
  const { status, sandboxes } = start(silent, { flags: code, stdin: { kind, data: "hi\n" } });
  expect(await status).toBe(0);
  expect(Buffer.from(sandboxes.calls[0]?.spec.stdin as Uint8Array).toString()).toBe("hi\n");
});

test("a pipe that nobody writes to and nobody closes does not hold up the run", async () => {
  const { status, sandboxes, stderr } = start(silent, { flags: code, stdin: { kind: "pipe", open: true } });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.spec.stdin).toBeUndefined();
  expect(stderr.text).toBe(
    "glovebox: warning: stdin: nothing came within 1 s, so the program gets none; '--stdin -' waits for it\n",
  );
});

test("--stdin - waits for a slow writer", async () => {
  const { status, sandboxes, stdin } = start(silent, {
    flags: { ...code, stdin: "-" },
    stdin: { kind: "pipe", open: true },
  });
  setTimeout(() => stdin.end("late"), 1_200);
  expect(await status).toBe(0);
  expect(Buffer.from(sandboxes.calls[0]?.spec.stdin as Uint8Array).toString()).toBe("late");
});

test("a terminal or /dev/null on stdin is not read", async () => {
  const { status, sandboxes } = start(silent, { flags: code, stdin: { kind: "other", open: true } });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.spec.stdin).toBeUndefined();
});

interface Mistake extends Setting {
  readonly name: string;
  readonly says: string;
}

test.each<Mistake>([
  { name: "no program", says: "FILE: no program is given" },
  { name: "two programs", file: "a.py", flags: code, says: "FILE: both FILE and -c are given" },
  { name: "an empty program", flags: { code: " " }, says: "CODE: must not be empty" },
  { name: "a missing file", file: "/nowhere/a.py", says: 'FILE: cannot read "/nowhere/a.py": there is no such file' },
  { name: "a folder as program", file: tmpdir(), says: "is a folder" },
  { name: "a folder as file", flags: { ...code, file: [tmpdir()] }, says: "--file: " },
  {
    name: "a device as file",
    flags: { ...code, file: ["/dev/zero"] },
    says: '--file: "/dev/zero" is not a regular file',
  },
  {
    name: "a name that leaves the folder",
    flags: { ...code, file: ["../x=/etc/hostname"] },
    says: "--file: must not contain '..'",
  },
  {
    name: "two files of one name",
    flags: { ...code, file: ["/etc/hosts", "hosts=/etc/hostname"] },
    says: '--file: two files are named "hosts"',
  },
  {
    name: "no number",
    flags: { ...code, timeout: "soon" },
    says: '--timeout: needs a number that is not negative, not "soon"',
  },
  {
    name: "a negative limit",
    flags: { ...code, memory: "-5" },
    says: '--memory: needs a number that is not negative, not "-5"',
  },
  { name: "too little memory", flags: { ...code, memory: "1" }, says: "--memory: " },
  {
    name: "little memory for the compiler",
    flags: { ...code, compileMemory: "1" },
    says: "--compile-memory: must be at least 16777216 (16 MiB)",
  },
  {
    name: "much time for the compiler",
    flags: { ...code, compileTimeout: "3601" },
    says: "--compile-timeout: 3601 s is over this host's ceiling of 3600 s",
  },
  {
    name: "an option that no compiler may have",
    flags: { ...code, lang: "c", compilerOption: ["-O3", "-B."] },
    says: '--compiler-option: "-B." is not allowed; C allows: -O0 to -O3, ',
  },
  {
    name: "an option of a compiler that there is not",
    flags: { ...code, compilerOption: ["-O3"] },
    says: "--compiler-option: Python has no compiler that takes options",
  },
  {
    name: "a file of no language",
    file: "/etc/host.conf",
    says: 'FILE: no language goes with the name "host.conf": name one with --lang; known languages: ',
  },
  {
    name: "a relative toolchain",
    flags: { ...code, toolchain: ["go"] },
    says: '--toolchain: must be an absolute path, not "go"',
  },
  { name: "a zero timeout", flags: { ...code, timeout: "0" }, says: "--timeout: " },
  { name: "a bad grace", flags: { ...code, grace: "x" }, says: "--grace: needs a number" },
  { name: "a bad parameter", flags: { ...code, param: ["x"] }, says: '--param: needs NAME=VALUE, not "x"' },
  { name: "a parameter twice", flags: { ...code, param: ["x=1", "x=2"] }, says: '--param: gives "x" twice' },
  { name: "a bad variable name", flags: { ...code, env: ["1a=2"] }, says: "--env: " },
  { name: "data that is not JSON", flags: { ...code, data: "{" }, says: "--data: is not JSON" },
  { name: "data from a missing file", flags: { ...code, data: "@/nowhere" }, says: "--data: cannot read" },
  { name: "a missing stdin file", flags: { ...code, stdin: "/nowhere" }, says: "--stdin: cannot read" },
  {
    name: "program and input on one stdin",
    file: "-",
    flags: { stdin: "-" },
    says: "--stdin: stdin holds the program already",
  },
  { name: "a feature that does not exist", flags: { ...code, waive: ["walls"] }, says: "--waive: " },
  {
    name: "an unknown variable",
    flags: code,
    variables: { GLOVEBOX_POOLMIN: "1" },
    says: "GLOVEBOX_POOLMIN: unknown variable",
  },
  { name: "an output folder that is a file", flags: { ...code, out: "/etc/hostname" }, says: "--out: cannot write to" },
])("$name is refused with status 2 and nothing starts", async ({ says, ...setting }) => {
  const { status, stdout, stderr, opened } = start(silent, setting);
  expect(await status).toBe(2);
  expect(stderr.text).toMatch(/^glovebox: /);
  expect(stderr.text).toContain(says);
  expect(stdout.text).toBe("");
  expect(opened).toEqual([]);
});
