import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { Outcome } from "@glovebox/protocol";
import { ending } from "@glovebox/server/testing";
import { expect, test, vi } from "vitest";
import { bytes, code, ended, silent, start } from "../../test/support/fake-run.ts";
import { patience } from "../../test/support/patience.ts";
import { testFolder } from "../../test/support/test-folder.ts";

const folder = testFolder();

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
      pool: { min: 0, max: 0 },
      waive: [],
      toolchains: [],
      defaults: {},
      ceiling: {},
    },
  ]);
  expect(sandboxes.closed).toBe(true);
});

test.each<[Partial<Outcome>, number, string]>([
  [{ kind: "timed-out", limit: "timeoutMs" }, 124, "timed out (limit 1.5 s; --timeout raises it)"],
  [{ kind: "timed-out", limit: "cpuMs" }, 124, "out of CPU time (limit 60 s; --cpu-time raises it)"],
  [{ kind: "out-of-memory" }, 137, "out of memory (limit 100 MB; --memory raises it)"],
  [{ kind: "disk-limit" }, 137, "too much written to disk (limit 128 MB; --disk raises it)"],
  [
    { kind: "output-limit", limit: "outputLines" },
    137,
    "too much output (limit 100000 lines; --output-lines raises it)",
  ],
  [
    { kind: "output-limit", limit: "outputBytes" },
    137,
    "too much output (limit 4194304 bytes; --output-bytes raises it)",
  ],
  [
    { kind: "out-of-memory", stage: "compile" },
    137,
    "out of memory while compiling (limit 1024 MB; --compile-memory raises it)",
  ],
  [{ kind: "disk-limit", stage: "compile" }, 137, "too much written to disk while compiling (limit 512 MB)"],
  [{ kind: "signalled", signal: "SIGSEGV" }, 139, "ended by SIGSEGV"],
  [{ kind: "sandbox-fault", message: "warden\u001b[2J gone" }, 125, "sandbox fault: warden\\x1b[2J gone"],
  [
    { kind: "exited", code: 1, violations: ["processes"] },
    1,
    "the program met the limit of processes (64; --processes raises it)",
  ],
  [
    { kind: "exited", code: 1, violations: ["openFiles"] },
    1,
    "the program met the limit of open files (256; --open-files raises it)",
  ],
])("the end %j gives the status %i and one line", async (outcome, expected, line) => {
  const { status, stderr } = start(ending({ outcome: { ...ended, ...outcome } as Outcome }), {
    flags: { ...code, timeout: "1.5", memory: "100", lang: outcome.stage === "compile" ? "c" : "python" },
  });
  expect(await status).toBe(expected);
  expect(stderr.text).toBe(`glovebox: ${line}\n`);
});

test("the first SIGINT cancels with a grace, the second without", async () => {
  const { status, sandboxes, signals, stderr } = start(
    async function* (_program, cancelled) {
      yield { type: "stdout", data: bytes("x") };
      await cancelled;
    },
    { flags: { ...code, grace: "500ms" } },
  );
  await vi.waitFor(() => expect(sandboxes.calls[0]?.yielded).toBe(1), patience);
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
  await vi.waitFor(() => expect(opened).toHaveLength(1), patience);
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
    async function* (_program, cancelled) {
      yield { type: "stdout", data: bytes("x") };
      await cancelled;
    },
    { flags: code, stdout },
  );
  expect(await status).toBe(141);
  expect(sandboxes.calls[0]?.cancels).toEqual([{}]);
  expect(stderr.text).toBe("");
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

test("the language is that of the file's extension, whatever its case", async () => {
  await writeFile(join(folder(), "LOUD.LUA"), "1");
  const { status, sandboxes, opened } = start(silent, { file: join(folder(), "LOUD.LUA") });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.program.language).toBe("lua");
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

test("a second sandbox is made where a compiler takes the first", async () => {
  const { status, opened } = start(silent, { flags: { ...code, lang: "c" } });
  expect(await status).toBe(0);
  expect(opened).toEqual([expect.objectContaining({ languages: ["c"], pool: { min: 1, max: 1 } })]);
});

test("times, sizes and shares may have units", async () => {
  const { status, sandboxes } = start(silent, {
    flags: {
      ...code,
      lang: "c",
      timeout: "10s",
      cpuTime: "1.5m",
      cpu: "50%",
      memory: "1g",
      disk: "64KiB",
      outputBytes: "1MB",
      compileTimeout: "500ms",
      compileMemory: "512MB",
      sampleInterval: "0.5s",
    },
  });
  expect(await status).toBe(0);
  expect(sandboxes.calls[0]?.program).toMatchObject({
    limits: {
      timeoutMs: 10_000,
      cpuMs: 90_000,
      cpuPercent: 50,
      memoryBytes: 1_073_741_824,
      diskBytes: 65_536,
      outputBytes: 1_048_576,
    },
    compileLimits: { timeoutMs: 500, memoryBytes: 536_870_912 },
    sampleIntervalMs: 500,
  });
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
