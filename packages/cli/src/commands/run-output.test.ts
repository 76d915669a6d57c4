import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type FinishedExecution, finishedExecutionSchema, type Outcome } from "@glovebox/protocol";
import { ending } from "@glovebox/server/testing";
import { expect, test } from "vitest";
import { bytes, code, ended, start } from "../../test/support/fake-run.ts";
import { testFolder } from "../../test/support/test-folder.ts";

const folder = testFolder();

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
  expect(finishedExecutionSchema.parse(JSON.parse(stdout.text)).stdout).toBe("out");
  expect(stderr.text).toBe("");
});

test.each([
  ["cut in this li", "cut in this li\nglovebox: timed out (limit 60 s; --timeout raises it)\n"],
  ["whole\n", "whole\nglovebox: timed out (limit 60 s; --timeout raises it)\n"],
])("what is said of the end has a line of its own behind %j", async (printed, expected) => {
  const { status, stderr } = start(
    function* () {
      yield { type: "stderr", data: bytes(printed) };
      return { outcome: { kind: "timed-out", limit: "timeoutMs", ...ended } };
    },
    { flags: { ...code, timeout: "60" } },
  );
  expect(await status).toBe(124);
  expect(stderr.text).toBe(expected);
});

test.each([
  [true, "Name: \nglovebox: warning: w\n"],
  [false, "Name: glovebox: warning: w\n"],
])("behind a prompt it has a line of its own where both streams are a terminal: %s", async (isTTY, screen) => {
  let shown = "";
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    shown += chunk.toString();
    done();
  };
  const stream = () => Object.assign(new Writable({ write }), { isTTY });
  const { status } = start(
    function* () {
      yield { type: "stdout", data: bytes("Name: ") };
      return { warnings: ["w"] };
    },
    { flags: code, stdout: stream(), stderr: stream() },
  );
  expect(await status).toBe(0);
  expect(shown).toBe(screen);
});

test("--out keeps displays, results and variables, and says where", async () => {
  const png = Buffer.from([0x89, 0x50]).toString("base64");
  const { status, stderr } = start(
    function* () {
      yield { type: "artifact", path: "results.json", content: bytes("of the program") };
      return {
        displays: [{ "image/png": png, "text/html": "<b>" }, { "application/vnd.x+json": { a: 1 } }],
        results: { mean: 2 },
        variables: { x: 1 },
      };
    },
    { flags: { ...code, out: join(folder(), "deep/out") } },
  );
  expect(await status).toBe(0);
  const out = join(folder(), "deep/out");
  expect((await readdir(out)).sort()).toEqual([
    "display-1.html",
    "display-1.png",
    "display-2.json",
    "results-2.json",
    "results.json",
    "variables.json",
  ]);
  expect(await readFile(join(out, "results.json"), "utf8")).toBe("of the program");
  expect(await readFile(join(out, "display-1.png"))).toEqual(Buffer.from([0x89, 0x50]));
  expect(JSON.parse(await readFile(join(out, "results-2.json"), "utf8"))).toEqual({ mean: 2 });
  expect(stderr.text).toBe(
    `glovebox: written to ${out}: results.json, display-1.png, display-1.html, display-2.json, results-2.json, variables.json\n`,
  );
});

test("--out follows no link and replaces no folder, but a regular file", async () => {
  await writeFile(join(folder(), "precious"), "precious and long");
  await symlink(join(folder(), "precious"), join(folder(), "display-1.txt"));
  await mkdir(join(folder(), "display-2.txt"));
  await writeFile(join(folder(), "display-3.txt"), "old and longer");
  const { status, stderr } = start(
    ending({ displays: [{ "text/plain": "a" }, { "text/plain": "b" }, { "text/plain": "c" }] }),
    { flags: { ...code, out: folder() } },
  );
  expect(await status).toBe(2);
  expect(await readFile(join(folder(), "precious"), "utf8")).toBe("precious and long");
  expect(await readFile(join(folder(), "display-3.txt"), "utf8")).toBe("c");
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

const compilation: NonNullable<FinishedExecution["compile"]> = {
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
    flags: { ...code, lang: "c", timeout: "9", compileTimeout: "0.5", compileMemory: "300" },
  });
  expect(await status).toBe(124);
  expect(sandboxes.calls[0]?.program.compileLimits).toMatchObject({ timeoutMs: 500, memoryBytes: 314_572_800 });
  expect(stderr.text).toBe(
    "glovebox: timed out while compiling (limit 0.5 s; --compile-timeout raises it)\nglovebox: the compiler met the limit of processes (128)\n",
  );
});
