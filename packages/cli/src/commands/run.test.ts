import { EventEmitter } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { type Execution, executionSchema, type Outcome } from "@glovebox/protocol";
import { createFakeSandboxes, ending, type FakeProgram } from "@glovebox/server/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunFlags } from "../arguments/run-options.ts";
import type { StdinKind } from "../arguments/stdin.ts";
import { run } from "./run.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const ended: Pick<Outcome, "stage" | "violations"> = { stage: "run", violations: [] };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "glovebox-cli-"));
});
afterEach(() => rm(folder, { recursive: true }));

interface Setting {
  readonly file?: string;
  readonly flags?: Partial<RunFlags>;
  readonly args?: readonly string[];
  readonly stdin?: { kind: StdinKind; data?: string; open?: true };
  readonly variables?: Record<string, string>;
  readonly stdout?: Writable;
}

class Collected extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function start(fake: FakeProgram, setting: Setting = {}) {
  const sandboxes = createFakeSandboxes(fake);
  const stdin = new PassThrough();
  if (setting.stdin?.data !== undefined) stdin.write(setting.stdin.data);
  if (setting.stdin?.open === undefined) stdin.end();
  const [stdout, stderr, signals] = [new Collected(), new Collected(), new EventEmitter()];
  const opened: unknown[] = [];
  const status = run(
    {
      file: setting.file,
      args: setting.args ?? [],
      flags: { file: [], param: [], env: [], return: [], waive: [], toolchain: [], ...(setting.flags ?? {}) },
    },
    {
      variables: setting.variables ?? {},
      stdin: { kind: () => setting.stdin?.kind ?? "other", stream: () => stdin },
      stdout: setting.stdout ?? stdout,
      stderr,
      signals,
      open: async (options) => {
        opened.push(options);
        return sandboxes;
      },
    },
  );
  return { status, sandboxes, stdout, stderr, signals, opened, stdin };
}

const silent: FakeProgram = function* () {};
const code = { code: "print(1)" };

test("output passes through unchanged and a plain exit says nothing", async () => {
  const { status, stdout, stderr, opened, sandboxes } = start(
    function* () {
      yield { type: "stdout", data: bytes("out\n") };
      yield { type: "stderr", data: bytes("err\n") };
      return { outcome: { kind: "exited", code: 3, ...ended } };
    },
    { flags: code },
  );
  expect(await status).toBe(3);
  expect([stdout.text, stderr.text]).toEqual(["out\n", "err\n"]);
  expect(opened).toEqual([
    {
      preload: [],
      languages: ["python"],
      pool: { min: 1, max: 1 },
      waive: [],
      toolchains: [],
      defaults: {},
      ceiling: {},
    },
  ]);
  expect(sandboxes.closed).toBe(true);
});

test.each<[Partial<Outcome>, number, string]>([
  [{ kind: "timed-out", limit: "timeoutMs" }, 124, "glovebox: timed out (limit 1.5 s)\n"],
  [{ kind: "out-of-memory" }, 137, "glovebox: out of memory (limit 100 MB)\n"],
  [{ kind: "output-limit", limit: "outputLines" }, 137, "glovebox: too much output (limit 100000 lines)\n"],
  [{ kind: "signalled", signal: "SIGSEGV" }, 139, "glovebox: ended by SIGSEGV\n"],
  [{ kind: "sandbox-fault", message: "warden\u001b[2J gone" }, 125, "glovebox: sandbox fault: warden\\x1b[2J gone\n"],
  [
    { kind: "exited", code: 1, violations: ["processes"] },
    1,
    "glovebox: the program met the limit of processes (64)\n",
  ],
])("the end %j gives the status %i and one line", async (outcome, expected, line) => {
  const { status, stderr } = start(ending({ outcome: { ...ended, ...outcome } as Outcome }), {
    flags: { ...code, timeout: "1.5", memory: "100" },
  });
  expect(await status).toBe(expected);
  expect(stderr.text).toBe(line);
});

test("with --json stdout is exactly one record and stderr is silent", async () => {
  const { status, stdout, stderr } = start(
    function* () {
      yield { type: "stdout", data: bytes("out") };
      return { outcome: { kind: "timed-out", limit: "timeoutMs", ...ended }, warnings: ["w"] };
    },
    { flags: { ...code, json: true } },
  );
  expect(await status).toBe(124);
  expect(stdout.text.endsWith("}\n")).toBe(true);
  expect(executionSchema.parse(JSON.parse(stdout.text)).stdout).toBe("out");
  expect(stderr.text).toBe("");
});

test("a program file runs under its own name and input files go by path", async () => {
  await writeFile(join(folder, "main.py"), "print(1)");
  await writeFile(join(folder, "data.csv"), "a,b");
  const { status, sandboxes } = start(silent, {
    file: join(folder, "main.py"),
    args: ["-v", "x"],
    flags: {
      file: [join(folder, "data.csv"), `in/other.csv=${join(folder, "data.csv")}`],
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
      { name: "main.py", path: join(folder, "main.py") },
      { name: "data.csv", path: join(folder, "data.csv") },
      { name: "in/other.csv", path: join(folder, "data.csv") },
    ],
    args: ["-v", "x"],
    parameters: { n: 3, name: "Ada", id: "12345678901234567890" },
    env: { A: "b=c" },
    returnVariables: ["total"],
    data: { k: [1] },
    limits: { diskBytes: 1_048_576 },
  });
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

test("the first SIGINT cancels with a grace, the second without", async () => {
  const { status, sandboxes, signals, stderr } = start(
    async function* (_spec, cancelled) {
      yield { type: "stdout", data: bytes("x") };
      await cancelled;
    },
    { flags: { ...code, grace: "0.5" } },
  );
  await vi.waitFor(() => expect(sandboxes.calls[0]?.yielded).toBe(1));
  signals.emit("SIGINT");
  signals.emit("SIGINT");
  expect(await status).toBe(130);
  expect(sandboxes.calls[0]?.cancels).toEqual([{ graceMs: 500 }, {}]);
  expect(stderr.text).toBe("glovebox: cancelled\n");
  expect(signals.listenerCount("SIGINT")).toBe(0);
});

test("SIGTERM while stdin is awaited ends the command and its sandboxes", async () => {
  const { status, sandboxes, signals, opened } = start(silent, {
    flags: { ...code, stdin: "-" },
    stdin: { kind: "pipe", open: true },
  });
  await vi.waitFor(() => expect(opened).toHaveLength(1));
  signals.emit("SIGTERM");
  expect(await status).toBe(143);
  expect(sandboxes.calls).toEqual([]);
  expect(sandboxes.closed).toBe(true);
});

test("a reader that goes away cancels the run quietly", async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
  });
  const { status, sandboxes, stderr } = start(
    async function* (_spec, cancelled) {
      yield { type: "stdout", data: bytes("x") };
      await cancelled;
    },
    { flags: code, stdout },
  );
  expect(await status).toBe(141);
  expect(sandboxes.calls[0]?.cancels).toEqual([{}]);
  expect(stderr.text).toBe("");
});

test("--out keeps displays, results and variables, and says where", async () => {
  const png = Buffer.from([0x89, 0x50]).toString("base64");
  const { status, sandboxes, stderr } = start(
    ending({
      displays: [{ "image/png": png, "text/html": "<b>" }, { "application/vnd.x+json": { a: 1 } }],
      results: { mean: 2 },
      variables: { x: 1 },
      artifacts: [{ path: "results.json", size: 1, sha256: "0".repeat(64) }],
    }),
    { flags: { ...code, out: join(folder, "deep/out") } },
  );
  expect(await status).toBe(0);
  const out = join(folder, "deep/out");
  expect(sandboxes.calls[0]?.options.artifactsDir).toBe(out);
  expect((await readdir(out)).sort()).toEqual([
    "display-1.html",
    "display-1.png",
    "display-2.json",
    "results-2.json",
    "variables.json",
  ]);
  expect(await readFile(join(out, "display-1.png"))).toEqual(Buffer.from([0x89, 0x50]));
  expect(JSON.parse(await readFile(join(out, "results-2.json"), "utf8"))).toEqual({ mean: 2 });
  expect(stderr.text).toBe(
    `glovebox: written to ${out}: results.json, display-1.png, display-1.html, display-2.json, results-2.json, variables.json\n`,
  );
});

test("--out follows no link and replaces no folder, but a regular file", async () => {
  await writeFile(join(folder, "precious"), "precious and long");
  await symlink(join(folder, "precious"), join(folder, "display-1.txt"));
  await mkdir(join(folder, "display-2.txt"));
  await writeFile(join(folder, "display-3.txt"), "old and longer");
  const { status, stderr } = start(
    ending({ displays: [{ "text/plain": "a" }, { "text/plain": "b" }, { "text/plain": "c" }] }),
    { flags: { ...code, out: folder } },
  );
  expect(await status).toBe(2);
  expect(await readFile(join(folder, "precious"), "utf8")).toBe("precious and long");
  expect(await readFile(join(folder, "display-3.txt"), "utf8")).toBe("c");
  expect(stderr.text).toContain("cannot write display-1.txt: it is a symbolic link");
  expect(stderr.text).toContain("cannot write display-2.txt: it is a folder");
});

test("without --out results are shown, and what is lost is named", async () => {
  const { status, stderr } = start(
    ending({
      results: { "me\nan": 2 },
      displays: [{ "text/plain": "x" }],
      artifacts: [{ path: "a", size: 1, sha256: "0".repeat(64) }],
    }),
    { flags: code },
  );
  expect(await status).toBe(0);
  expect(stderr.text).toBe(
    "glovebox: result me\\nan = 2\nglovebox: 1 display and 1 file not kept; --out DIR keeps them\n",
  );
});

test("a host that cannot make sandboxes is status 125 with advice", async () => {
  const { ProblemError } = await import("@glovebox/protocol");
  const { status, stderr } = start(
    () => {
      throw new ProblemError("sandbox-unavailable", "bwrap is missing");
    },
    { flags: code },
  );
  expect(await status).toBe(125);
  expect(stderr.text).toMatch(/^glovebox: bwrap is missing\nglovebox: Run `glovebox doctor`/);
});

const compilation: NonNullable<Execution["compile"]> = {
  cached: false,
  outcome: { kind: "exited", code: 0, stage: "compile", violations: [] },
  stdout: "",
  stderr: "",
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
};

test("what a compiler says that succeeds is told after the program's output", async () => {
  const { status, stderr } = start(
    function* () {
      yield { type: "stderr", data: bytes("of the program\n") };
      return {
        outcome: { kind: "exited", code: 4, ...ended },
        compile: { ...compilation, stdout: "", stderr: "main.c:1:5: warning: \u001b[1munused\n\n    1 | int x;\n" },
      };
    },
    { flags: code },
  );
  expect(await status).toBe(4);
  expect(stderr.text).toBe(
    "of the program\n" +
      "glovebox: compiler: main.c:1:5: warning: \\x1b[1munused\n" +
      "glovebox: compiler:     1 | int x;\n",
  );
});

test("a long story of a compiler is cut", async () => {
  const stderr = "w\n".repeat(53);
  const told = start(ending({ compile: { ...compilation, stderr } }), { flags: code });
  expect(await told.status).toBe(0);
  const lines = told.stderr.text.trimEnd().split("\n");
  expect([lines.length, lines[49], lines[50]]).toEqual([
    51,
    "glovebox: compiler: w",
    "glovebox: compiler: ... and 3 more lines, which --json has",
  ]);
});

test("a compiler that fails gives its output and its status, once", async () => {
  const outcome: Outcome = { kind: "exited", code: 1, stage: "compile", violations: [] };
  const { status, stderr } = start(
    function* () {
      yield { type: "stderr", data: bytes("main.c:1:1: error\n") };
      return { outcome, compile: { ...compilation, outcome, stderr: "main.c:1:1: error\n" } };
    },
    { flags: code },
  );
  expect(await status).toBe(1);
  expect(stderr.text).toBe("main.c:1:1: error\n");
});

test("a limit of the compiler reaches the sandbox, and its end names that limit", async () => {
  const outcome: Outcome = { kind: "timed-out", limit: "timeoutMs", stage: "compile", violations: ["processes"] };
  const { status, sandboxes, stderr } = start(ending({ outcome, compile: { ...compilation, outcome } }), {
    flags: { ...code, timeout: "9", compileTimeout: "0.5", compileMemory: "300" },
  });
  expect(await status).toBe(124);
  expect(sandboxes.calls[0]?.spec.compileLimits).toEqual({ timeoutMs: 500, memoryBytes: 314_572_800 });
  expect(stderr.text).toBe(
    "glovebox: timed out while compiling (limit 0.5 s)\nglovebox: the compiler met the limit of processes (128)\n",
  );
});

test("the language is that of the file's extension, whatever its case", async () => {
  await writeFile(join(folder, "LOUD.LUA"), "1");
  const { status, sandboxes, opened } = start(silent, { file: join(folder, "LOUD.LUA") });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.spec.language).toBe("lua");
  expect(opened).toEqual([expect.objectContaining({ languages: ["lua"] })]);
});

test("the sandboxes are made for the language of the program, with the operator's toolchains and cache", async () => {
  const { status, opened } = start(silent, {
    flags: { ...code, lang: "py", toolchain: ["/opt/a", "/opt/b"] },
    variables: { GLOVEBOX_TOOLCHAINS: "/opt/c", GLOVEBOX_CACHE_DIR: "/var/cache/x", GLOVEBOX_LANGUAGES: "ruby" },
  });
  expect(await status).toBe(0);
  expect(opened).toEqual([
    expect.objectContaining({
      languages: ["python"],
      toolchains: ["/opt/a", "/opt/b"],
      cacheDir: "/var/cache/x",
    }),
  ]);
});

test("limits over the ceiling are refused in their own units before a sandbox is made", async () => {
  const { status, stderr, opened } = start(silent, {
    flags: { ...code, timeout: "3601", memory: "300", outputLines: "7" },
    variables: { GLOVEBOX_CEILING_MEMORY_BYTES: "209715200" },
  });
  expect(await status).toBe(2);
  expect(stderr.text).toBe(
    "glovebox: --timeout: 3601 s is over this host's ceiling of 3600 s\n" +
      "glovebox: --memory: 300 MB is over this host's ceiling of 200 MB\n",
  );
  expect(opened).toEqual([]);
});
