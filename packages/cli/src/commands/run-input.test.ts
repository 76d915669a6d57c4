import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { code, type Setting, silent, start } from "../../test/support/fake-run.ts";
import { testFolder } from "../../test/support/test-folder.ts";
import type { StdinKind } from "../arguments/stdin.ts";

const folder = testFolder();

test("a program file runs under its own name beside its input files", async () => {
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
  const [program] = sandboxes.calls.map((call) => call.program);
  expect(program).toMatchObject({
    language: "python",
    entry: "main.py",
    files: [
      { name: "main.py", content: Buffer.from("print(1)") },
      { name: "data.csv", content: Buffer.from("a,b") },
      { name: "in/other.csv", content: Buffer.from("a,b") },
    ],
    args: ["-v", "x"],
    parameters: { n: 3, name: "Ada", id: "12345678901234567890" },
    env: { A: "b=c" },
    returnVariables: ["total"],
    data: { k: [1] },
    limits: { diskBytes: 1_048_576, timeoutMs: 30_000 },
  });
  expect([program?.code, program?.stdin]).toEqual([undefined, undefined]);
});

test("a large input file goes by its path", async () => {
  await writeFile(join(folder(), "large.bin"), Buffer.alloc(1_048_577));
  const { status, sandboxes } = start(silent, { flags: { ...code, file: [join(folder(), "large.bin")] } });
  expect(await status).toBe(0);
  const path = join(folder(), "large.bin");
  expect(sandboxes.calls[0]?.program.files).toEqual([{ name: "large.bin", path, size: 1_048_577 }]);
});

test("options of the compiler go in their order, for a language that has one", async () => {
  const flags = { ...code, lang: "c", compilerOption: ["-O3", "-DA=b c", "-O0"] };
  const { status, sandboxes } = start(silent, { flags });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.program.compilerOptions).toEqual(["-O3", "-DA=b c", "-O0"]);
});

test("'-' reads the program from stdin", async () => {
  const { status, sandboxes } = start(silent, { file: "-", stdin: { kind: "pipe", data: "print('é')" } });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.program).toMatchObject({ code: "print('é')", language: "python" });
  expect(sandboxes.calls[0]?.program.stdin).toBeUndefined();
});

test("a line with #! picks the language of a program on stdin and of a file without extension", async () => {
  const text = "#!/usr/bin/env ruby\nputs 1";
  const piped = start(silent, { file: "-", stdin: { kind: "pipe", data: text } });
  await writeFile(join(folder(), "tool"), text);
  const named = start(silent, { file: join(folder(), "tool") });
  const other = start(silent, { file: join(folder(), "tool"), flags: { lang: "perl" } });
  expect(await Promise.all([piped.status, named.status, other.status])).toEqual([0, 0, 0]);
  expect([piped, named, other].map(({ sandboxes }) => sandboxes.calls[0]?.program.language)).toEqual([
    "ruby",
    "ruby",
    "perl",
  ]);
});

test("input over 64 MiB gets one advice", async () => {
  const { status, stdin, stderr } = start(silent, { flags: code, stdin: { kind: "pipe", open: true } });
  stdin.on("error", () => {}); // the pipe is closed on who goes on writing
  for (let part = 0; part < 65 && !stdin.destroyed; part++) stdin.write(Buffer.alloc(1024 ** 2, "x"));
  expect(await status).toBe(2);
  expect(stderr.text).toBe(
    "glovebox: --stdin: our standard input is over 64 MiB: give it as a file, with --stdin FILE\n",
  );
});

test.each<StdinKind>(["pipe", "socket", "file"])("a %s on stdin becomes the program's stdin", async (kind) => {
  const { status, sandboxes } = start(silent, { flags: code, stdin: { kind, data: "hi\n" } });
  expect(await status).toBe(0);
  expect(Buffer.from(sandboxes.calls[0]?.program.stdin as Uint8Array).toString()).toBe("hi\n");
});

test("a pipe that nobody writes to and nobody closes does not hold up the run", async () => {
  const { status, sandboxes, stderr } = start(silent, { flags: code, stdin: { kind: "pipe", open: true } });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.program.stdin).toBeUndefined();
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
  expect(Buffer.from(sandboxes.calls[0]?.program.stdin as Uint8Array).toString()).toBe("late");
});

test.each<[StdinKind, boolean]>([
  ["terminal", true],
  ["other", false],
])("a stdin that is of kind %s is not read; whether a program that reads it is told why: %s", async (kind, tells) => {
  const { status, sandboxes, opened } = start(silent, { flags: code, stdin: { kind, open: true } });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.program.stdin).toBeUndefined();
  const told = expect.stringMatching(/^standard input was empty, because a terminal is not passed on: .*--stdin FILE/);
  expect(opened).toEqual([
    tells
      ? expect.objectContaining({ stdinWarning: told })
      : expect.not.objectContaining({ stdinWarning: expect.anything() }),
  ]);
});

test("a terminal is read to its end for --stdin -", async () => {
  const { status, sandboxes, opened } = start(silent, {
    flags: { ...code, stdin: "-" },
    stdin: { kind: "terminal", data: "typed" },
  });
  expect(await status).toBe(0);
  expect(Buffer.from(sandboxes.calls[0]?.program.stdin as Uint8Array).toString()).toBe("typed");
  expect(opened).toEqual([expect.not.objectContaining({ stdinWarning: expect.anything() })]);
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
    says: '--timeout: needs a time such as 500ms, 10s, 2m or 1h (a number alone is in s), not "soon"',
  },
  {
    name: "a negative limit",
    flags: { ...code, memory: "-5" },
    says: '--memory: needs a size such as 64KB, 512MB or 1.5GB (a number alone is in MB), not "-5"',
  },
  { name: "too little memory", flags: { ...code, memory: "1" }, says: "--memory: must be at least 16 MB\n" },
  { name: "little disk", flags: { ...code, disk: "1KB" }, says: "--disk: must be at least 64 KB\n" },
  {
    name: "half a process",
    flags: { ...code, processes: "1.5" },
    says: '--processes: needs a whole number, not "1.5"',
  },
  {
    name: "little memory for the compiler",
    flags: { ...code, compileMemory: "1" },
    says: "--compile-memory: must be at least 16 MB\n",
  },
  {
    name: "much time for the compiler",
    flags: { ...code, compileTimeout: "3601" },
    says: "--compile-timeout: 3601 s is over this host's ceiling of 3600 s",
  },
  {
    name: "too little for the language",
    flags: { ...code, lang: "js", memory: "20", processes: "11" },
    says: "--memory: 20 MB is too little: JavaScript needs 32 MB\nglovebox: --processes: 11 is too little: JavaScript needs 12\n",
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
  { name: "a zero timeout", flags: { ...code, timeout: "0" }, says: "--timeout: must be at least 0.001 s\n" },
  { name: "a bad grace", flags: { ...code, grace: "x" }, says: "--grace: needs a time such as" },
  {
    name: "a short sample interval",
    flags: { ...code, sampleInterval: "5" },
    says: "--sample-interval: must be from 10 ms to 60 s\n",
  },
  { name: "a bad parameter", flags: { ...code, param: ["x"] }, says: '--param: needs NAME=VALUE, not "x"' },
  { name: "a parameter twice", flags: { ...code, param: ["x=1", "x=2"] }, says: '--param: gives "x" twice' },
  {
    name: "a bad variable name",
    flags: { ...code, env: ["A B=1"] },
    says: `--env: the name "A B" must consist of letters, digits and '_' and must not begin with a digit\n`,
  },
  {
    name: "a name that would replace a prototype",
    flags: { ...code, param: ["__proto__=1"] },
    says: '--param: the name "__proto__" is refused; take another one',
  },
  {
    name: "a number that no double holds",
    flags: { ...code, param: ["n=1e400"] },
    says: "--param n: is a number over 1.8e308, which no double holds: give it as text\n",
  },
  {
    name: "data that would replace a prototype",
    flags: { ...code, data: '{"a":[{"\\u005f_proto__":{}}]}' },
    says: '--data a[0].__proto__: the key "__proto__" is refused, because it can replace the prototype of an object',
  },
  {
    name: "more memory than can be counted",
    flags: { ...code, memory: "9999T" },
    says: '--memory: "9999T" is more than can be counted\n',
  },
  {
    name: "such a number in the data",
    flags: { ...code, data: '{"a":[-1e400]}' },
    says: "--data a[0]: is a number over 1.8e308",
  },
  {
    name: "a program of an unknown interpreter",
    file: "-",
    stdin: { kind: "pipe", data: "#!/usr/bin/fish\necho" },
    says: 'CODE: no language goes with the interpreter "fish" of its line with #!: name one with --lang',
  },
  {
    name: "a long program on stdin",
    file: "-",
    stdin: { kind: "pipe", data: "#".repeat(1_048_577) },
    says: "-: the program on stdin is over 1 MiB; move its data to a file, --file PATH\n",
  },
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
