/** The command line as a user has it: child processes on real sandboxes. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executionSchema } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { z } from "zod";
import { eventually, stretched } from "../packages/sandbox/test/support/host-slowness.ts";
import { type Ended, endChildren, endOf } from "./support/child.ts";
import { glovebox, startGlovebox } from "./support/glovebox.ts";
import { scratchFolder } from "./support/scratch.ts";
import { tracesOf } from "./support/traces.ts";

endChildren();
const scratch = scratchFolder();

const run = (...args: readonly string[]) => glovebox(["run", ...args]);
const seen = ({ status, stdout, stderr }: Ended) => ({ status, stdout: stdout.toString(), stderr });
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Writes a file into the scratch folder and gives its path. */
function put(name: string, content: string | Uint8Array): string {
  const path = join(scratch(), name);
  writeFileSync(path, content);
  return path;
}

/** A folder of the scratch folder that `--out` is to make. */
const outFolder = (name: string) => join(scratch(), name);

const printsWhatItGets = `
import json, os, sys
print(json.dumps({
    "args": sys.argv[1:], "file": sys.argv[0], "parameters": parameters, "data": input_data,
    "files": {name: open(name).read() for name in uploaded_files}, "stdin": sys.stdin.read(),
    "greeting": os.environ.get("GREETING"), "secret": os.environ.get("SECRET"),
}))
`;
const gotSchema = z.strictObject({
  args: z.array(z.string()),
  file: z.string(),
  parameters: z.record(z.string(), z.json()),
  data: z.json(),
  files: z.record(z.string(), z.string()),
  stdin: z.string(),
  greeting: z.string().nullable(),
  secret: z.string().nullable(),
});
const gotBy = ({ status, stdout, stderr }: Ended) => {
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return gotSchema.parse(JSON.parse(stdout.toString()));
};

test("the output of the program is the output, and nothing else", async () => {
  expect(seen(await run("-c", "print(6*7)"))).toEqual({ status: 0, stdout: "42\n", stderr: "" });
});

test("the exit status of the program is the exit status", async () => {
  expect(seen(await run("-c", "import sys; sys.exit(3)"))).toEqual({ status: 3, stdout: "", stderr: "" });
});

test("an endless program ends with 124 soon after its time is over", async () => {
  const started = await run("-c", "pass");
  const ended = await run("-c", "while True: pass", "--timeout", "1");
  expect(seen(ended)).toEqual({ status: 124, stdout: "", stderr: "glovebox: timed out (limit 1 s)\n" });
  expect(ended.tookMs).toBeGreaterThan(1_000);
  expect(ended.tookMs - started.tookMs).toBeLessThan(stretched(2_000));
});

test("a program that takes too much memory ends with 137 and is told so", async () => {
  const ended = seen(await run("-c", "bytearray(2*10**9)", "--memory", "100"));
  expect(ended).toEqual({ status: 137, stdout: "", stderr: "glovebox: out of memory (limit 100 MB)\n" });
});

test("a syntax error points at the line of the program", async () => {
  const { status, stdout, stderr } = seen(await run("-c", "print(1"));
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain('File "main.py", line 1\n    print(1\n');
  expect(stderr).toContain("SyntaxError: '(' was never closed");
});

test("the example of the README prints its table and leaves its results and its figure", async () => {
  const out = outFolder("airquality");
  const { status, stdout, stderr } = seen(
    await run("examples/airquality.py", "--file", "examples/data/airquality.csv", "--out", out),
  );
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: `glovebox: written to ${out}: display-1.txt, display-1.png, results.json\n`,
  });
  expect(stdout).toContain("153 days, 37 without an ozone reading\n");
  expect(stdout).toContain("August       31        60.0      168.0       84.0        8.8");
  expect(stdout).toContain("ozone = 2.43 * temperature -147.0   (r = 0.698, n = 116)\n");
  expect(JSON.parse(readFileSync(join(out, "results.json"), "utf8"))).toMatchObject({
    fit: { slope: 2.4287, intercept: -146.9955, r: 0.6984, n: 116 },
    worst_day: { date: "1973-08-25", ozone: 168 },
  });
  const figure = readFileSync(join(out, "display-1.png"));
  expect(figure.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
  expect(figure.readUInt32BE(16)).toBe(614); // the width, in the first chunk
});

test("--json prints exactly one object, the record", async () => {
  const program = "print('out'); save_result('n', 3); x = [1, 2]; open('made.txt', 'w').write('abc'); 6 * 7";
  const { status, stdout, stderr } = seen(await run("--json", "--return", "x", "-c", program));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.indexOf("\n")).toBe(stdout.length - 1);
  expect(executionSchema.parse(JSON.parse(stdout))).toMatchObject({
    outcome: { kind: "exited", code: 0, violations: [] },
    stdout: "out\n",
    value: 42,
    results: { n: 3 },
    variables: { x: [1, 2] },
    artifacts: [{ path: "made.txt", size: 3, sha256: sha256(Buffer.from("abc")) }],
    warnings: [],
  });
});

test("--json keeps the exit status and says how the program failed in the record", async () => {
  const { status, stdout, stderr } = seen(await run("--json", "-c", "print(1)\n1/0"));
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  const record = executionSchema.parse(JSON.parse(stdout));
  expect(record.error).toMatchObject({ type: "ZeroDivisionError", message: "division by zero", line: 2 });
  expect(record.stderr).toContain("ZeroDivisionError: division by zero");
});

test("a file runs under its own name with the arguments after --", async () => {
  const got = gotBy(await run(put("names.py", printsWhatItGets), "--", "--json", "-x", "a b", ""));
  expect(got).toMatchObject({
    args: ["--json", "-x", "a b", ""],
    file: "names.py",
    files: {},
  });
});

test("a program comes from stdin with '-'", async () => {
  const ended = await glovebox(["run", "-", "--", "one"], {
    stdin: "import sys; print(sys.argv[1:], sys.stdin.read())",
  });
  expect(seen(ended)).toEqual({ status: 0, stdout: "['one'] \n", stderr: "" });
});

test("parameters, data, files, environment and standard input reach the program", async () => {
  const got = gotBy(
    await glovebox(
      [
        ...[
          "run",
          "-c",
          printsWhatItGets,
          "--param",
          "n=3",
          "--param",
          'list=[1, {"a": null}]',
          "--param",
          "text=3 apples",
        ],
        ...["--param", "equation=a=b", "--param", "big=12345678901234567890", "--env", "GREETING=hello = world"],
        ...["--data", `@${put("data.json", '{"ä": [1.5, true]}')}`, "--stdin", put("input.txt", "first\nsecond")],
        ...["--file", put("plain.txt", "plain"), "--file", `sub/named.txt=${put("original.txt", "named")}`],
      ],
      { env: { SECRET: "of the host" } },
    ),
  );
  expect(got).toEqual({
    args: [],
    file: "main.py",
    parameters: { n: 3, list: [1, { a: null }], text: "3 apples", equation: "a=b", big: "12345678901234567890" },
    data: { ä: [1.5, true] },
    files: { "plain.txt": "plain", "sub/named.txt": "named" },
    stdin: "first\nsecond",
    greeting: "hello = world",
    secret: null,
  });
});

test("--data takes JSON", async () => {
  expect(gotBy(await run("-c", printsWhatItGets, "--data", '[null, "x"]')).data).toEqual([null, "x"]);
});

test("what is piped in arrives byte by byte, and so does what the program writes", async () => {
  const bytes = Buffer.concat([Buffer.from([0, 255, 10, 13, 26, 128]), randomBytes(300_000)]);
  const program = `
import sys
data = sys.stdin.buffer.read()
sys.stdout.buffer.write(data)
sys.stderr.buffer.write(bytes(reversed(range(128))))
`;
  const { status, stdout, stderr } = await glovebox(["run", "-c", program], { stdin: bytes });
  expect(status).toBe(0);
  expect(sha256(stdout)).toBe(sha256(bytes));
  expect(stderr).toBe(String.fromCharCode(...[...Array(128).keys()].reverse()));
});

test("a stdin that nobody writes to and nobody closes counts as empty", async () => {
  const { status, stdout, stderr } = seen(
    await glovebox(["run", "-c", "import sys; print(repr(sys.stdin.read()))"], { stdin: "open" }),
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: "''\n" });
  // What Node gives a child as a pipe is a socket.
  expect(stderr).toContain("glovebox: warning: stdin: nothing came within 0.3 s");
});

test("without --out a returned variable and a result are told on stderr", async () => {
  const ended = await run("-c", "x = {'a': [1, 2]}; save_result('r', 'ok')", "--return", "x");
  expect(seen(ended)).toEqual({
    status: 0,
    stdout: "",
    stderr: 'glovebox: result r = "ok"\nglovebox: variable x = {"a":[1,2]}\n',
  });
});

test("--out keeps the files of the program byte by byte, and returned variables", async () => {
  const out = outFolder("kept");
  const program = `
import os
os.makedirs("deep/er")
open("deep/er/all.bin", "wb").write(bytes(range(256)) * 1000)
open("empty", "w").close()
open("/tmp/elsewhere", "w").write("not kept")
x = 7
`;
  const { status } = await run("-c", program, "--out", out, "--return", "x");
  expect(status).toBe(0);
  const all = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from(Array.from({ length: 256 }, (_, n) => n))));
  expect(readFileSync(join(out, "deep/er/all.bin")).equals(all)).toBe(true);
  expect(readFileSync(join(out, "empty"), "utf8")).toBe("");
  expect(JSON.parse(readFileSync(join(out, "variables.json"), "utf8"))).toEqual({ x: 7 });
  expect(readdirSync(out).sort()).toEqual(["deep", "empty", "variables.json"]);
});

test("a large file goes in and comes out unchanged", async () => {
  const bytes = randomBytes(40 * 1024 * 1024);
  const out = outFolder("large");
  const program = `
import hashlib, shutil
print(hashlib.sha256(open("large.bin", "rb").read()).hexdigest())
shutil.copyfile("large.bin", "copy.bin")
`;
  const { status, stdout } = await run("-c", program, "--file", put("large.bin", bytes), "--out", out);
  expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: `${sha256(bytes)}\n` });
  expect(sha256(readFileSync(join(out, "copy.bin")))).toBe(sha256(bytes));
});

test("an alias of a language is corrected with a warning", async () => {
  expect(seen(await run("--lang", "py", "-c", "print(1)"))).toEqual({
    status: 0,
    stdout: "1\n",
    stderr: "glovebox: warning: language: 'py' was read as 'python'\n",
  });
});

/** Starts a program that prints "ready" and waits for that. */
async function startReady(program: string, ...options: readonly string[]) {
  const child = startGlovebox(["run", "-c", `print("ready", flush=True)\n${program}`, ...options]);
  const ended = endOf(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  const traces = tracesOf(child.pid ?? 0);
  expect(traces.processes).toBeGreaterThan(1);
  return { child, ended, traces };
}

async function expectNoTraces(traces: ReturnType<typeof tracesOf>): Promise<void> {
  await eventually(`gone: ${traces.living()}`, () => traces.living().length === 0 || undefined, 1_000);
  expect(traces.folders()).toEqual([]);
}

test("SIGINT cancels the run gently and leaves nothing behind", async () => {
  const program = `
import time
try: time.sleep(60)
except KeyboardInterrupt: print("tidy")
`;
  const { child, ended, traces } = await startReady(program);
  child.kill("SIGINT");
  expect(seen(await ended)).toEqual({ status: 130, stdout: "ready\ntidy\n", stderr: "glovebox: cancelled\n" });
  await expectNoTraces(traces);
});

test("a program that ignores SIGINT, and its children, are killed after the grace", async () => {
  const program = `
import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0: os.setsid()
time.sleep(60)
`;
  const { child, ended, traces } = await startReady(program, "--grace", "0.3");
  child.kill("SIGINT");
  const { status, tookMs } = await ended;
  expect(status).toBe(130);
  expect(tookMs).toBeLessThan(stretched(10_000));
  await expectNoTraces(traces);
});

test("a reader of the output that goes away cancels the run", async () => {
  const { child, ended, traces } = await startReady("while True: print('more')", "--output-lines", "100000000");
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ status: 141, stderr: "" });
  await expectNoTraces(traces);
});

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
    '--timeout: needs a number that is not negative, not "soon"',
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
    '--timeout: needs a number that is not negative, not "-1"',
  ],
  ["a negative memory", ["run", "-c", "1", "--memory=-5"], '--memory: needs a number that is not negative, not "-5"'],
  ["no memory", ["run", "-c", "1", "--memory", "1"], "--memory: "],
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
  ["a folder as a file", ["run", "-c", "1", "--file", "examples"], '--file: "examples" is a folder'],
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
    '--compile-timeout: needs a number that is not negative, not "soon"',
  ],
  [
    "too much for the compiler",
    ["run", "-c", "1", "--compile-memory", "99999"],
    "--compile-memory: 99999 MB is over this host's ceiling of 16384 MB",
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
  await expectRefusal(["run", "-"], "CODE: must be at most 1 MiB (1048576 bytes)", { stdin });
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
  expect(stderr).toMatch(/^glovebox: --lang: use one of: [a-z, ]*\bpython\b[a-z, ]*\n$/);
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
  await expectRefusal(["run", "-c", "1"], "GLOVEBOX_DEFAULT_TIMEOUT_MS: must be a whole number", { env });
});

const checkSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  status: z.enum(["ok", "degraded", "missing"]),
  found: z.string(),
  cost: z.string(),
  fix: z.string().nullable(),
});

test("doctor says that sandboxes can be made here, as text and as one object", async () => {
  const [text, json] = [seen(await glovebox(["doctor"])), seen(await glovebox(["doctor", "--json"]))];
  expect([text.status, json.status, text.stderr, json.stderr]).toEqual([0, 0, "", ""]);
  const { usable, checks } = z
    .strictObject({ usable: z.boolean(), checks: z.array(checkSchema) })
    .parse(JSON.parse(json.stdout));
  expect(usable).toBe(true);
  expect(checks.filter((check) => check.status === "missing")).toEqual([]);
  const lines = text.stdout.split("\n");
  for (const { status, title } of checks) {
    const own = lines.filter((line) => line.startsWith(`${status.padEnd(8)}  ${title} `));
    expect({ title, lines: own.length }).toEqual({ title, lines: 1 });
  }
  expect(text.stdout).toContain("\nSandboxes can be made on this host.\n");
});

test("--version prints the version and --help the commands", async () => {
  expect(seen(await glovebox(["--version"]))).toEqual({ status: 0, stdout: "0.1.0\n", stderr: "" });
  const help = seen(await glovebox(["--help"]));
  expect({ status: help.status, stderr: help.stderr }).toEqual({ status: 0, stderr: "" });
  for (const command of ["run", "serve", "doctor", "languages"])
    expect(help.stdout).toMatch(new RegExp(`^ +${command} `, "m"));
  expect(help.stdout).not.toContain("setup-languages");
  expect(help.stdout).toContain("./glovebox setup [LANGUAGE...]");
  const ofRun = seen(await glovebox(["run", "--help"]));
  expect(ofRun.status).toBe(0);
  expect(ofRun.stdout).toContain("Exit status: that of the program; 124 timed out");
});
