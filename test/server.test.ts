/** The server as a user has it: a child process on real sandboxes, called over HTTP. */
import { createHash } from "node:crypto";
import { finishedExecutionSchema } from "@glovebox/protocol";
import { describe, expect, test } from "vitest";
import { eventually, stretched } from "../packages/sandbox/test/support/host-slowness.ts";
import { endChildren } from "./support/child.ts";
import { allEvents, linesOf, open, program, sharedServer, untilRunning } from "./support/server.ts";
import { tracesOf } from "./support/traces.ts";

endChildren();
const server = sharedServer(["--concurrency", "9"]);

describe("answers", () => {
  test("a program is answered with its record", async () => {
    const { status, headers, text } = await server().send(
      program({
        code: "print('ü'); save_result('n', 1); x = 2; 6 * 7",
        returnVariables: ["x"],
        metadata: { my: "id" },
      }),
    );
    expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "application/json; charset=utf-8" });
    expect(finishedExecutionSchema.parse(JSON.parse(text))).toMatchObject({
      status: "finished",
      language: "python",
      outcome: { kind: "exited", code: 0, violations: [] },
      stdout: "ü\n",
      stderr: "",
      value: 42,
      results: { n: 1 },
      variables: { x: 2 },
      error: null,
      warnings: [],
      metadata: { my: "id" },
    });
  });

  test("a program that fails is answered with 200 and its outcome", async () => {
    expect((await server().execute({ code: "import sys; sys.exit(3)" })).outcome).toMatchObject({
      kind: "exited",
      code: 3,
    });
    expect((await server().execute({ code: "1/0" })).error).toMatchObject({ type: "ZeroDivisionError", line: 1 });
    const endless = await server().execute({ code: "while True: pass", limits: { timeoutMs: 300 } });
    expect(endless.outcome).toMatchObject({ kind: "timed-out", limit: "timeoutMs" });
    const greedy = await server().execute({ code: "bytearray(2*10**9)", limits: { memoryBytes: 100 * 1024 * 1024 } });
    expect(greedy.outcome).toMatchObject({ kind: "out-of-memory" });
  });

  test("files, arguments, input and environment reach the program as they were sent", async () => {
    const bytes = Buffer.from(Array.from({ length: 2_000_000 }, (_, n) => (n * 7) % 256));
    const { stdout } = await server().execute({
      entry: "app/main.py",
      files: [
        {
          name: "app/main.py",
          content: [
            "import hashlib, os, sys, names",
            "print(hashlib.sha256(open('all.bin', 'rb').read()).hexdigest())",
            "print(sys.argv[1:], sys.stdin.read(), os.environ['GREETING'], parameters, data, names.one)",
          ].join("\n"),
        },
        { name: "app/names.py", content: "one = 1" },
        { name: "all.bin", contentBase64: bytes.toString("base64") },
      ],
      args: ["-x", "a b"],
      stdin: "in",
      env: { GREETING: "hello" },
      parameters: { p: [1] },
      data: { d: null },
    });
    expect(stdout).toBe(
      `${createHash("sha256").update(bytes).digest("hex")}\n['-x', 'a b'] in hello {'p': [1]} {'d': None} 1\n`,
    );
  });

  test("a program reads bytes that are no text from its standard input", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    const { stdout } = await server().execute({
      code: "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())",
      stdinBase64: bytes.toString("base64"),
    });
    expect(stdout).toBe(`${createHash("sha256").update(bytes).digest("hex")}\n`);
  });

  test("numbers as text and an alias are corrected with a warning each", async () => {
    const { warnings, language, stdout, metrics } = await server().execute({
      language: "py",
      code: "import time; time.sleep(0.1); print(1)",
      limits: { timeoutMs: "5000", processes: " 20 " },
      sampleIntervalMs: "20",
    });
    expect({ language, stdout }).toEqual({ language: "python", stdout: "1\n" });
    expect(metrics.samples?.length).toBeGreaterThan(0);
    expect(warnings).toEqual([
      'sampleIntervalMs: the text "20" was read as the number 20',
      'limits.timeoutMs: the text "5000" was read as the number 5000',
      'limits.processes: the text " 20 " was read as the number 20',
      "language: 'py' was read as 'python'",
    ]);
  });

  test("a flood of control characters makes no answer of more than its bound", async () => {
    const code = String.raw`
import sys
for n in range(8):
    sys.stdout.buffer.write(b"\x01" * 2**20)
`;
    const limits = { outputBytes: 2 ** 30, timeoutMs: stretched(30_000) };
    const { status, text } = await server().send(program({ code, limits }));
    expect(status).toBe(200);
    expect(text.length).toBeGreaterThan(31 * 2 ** 20);
    expect(text.length).toBeLessThan(33 * 2 ** 20);
    const { outcome, stdout, warnings } = finishedExecutionSchema.parse(JSON.parse(text));
    expect(outcome).toMatchObject({ kind: "exited", code: 0 });
    expect(stdout).toBe("\x01".repeat(stdout.length));
    expect(warnings).toEqual([`the record holds the first ${stdout.length} bytes of output; read events for more`]);
  });

  test("eight programs at once do not see each other", async () => {
    // It says again and again what it sees, and when it began to look.
    const code = [
      "import os, time",
      "mine = parameters['mine']",
      "folders = [folder for folder in ('.', '/tmp', '/dev/shm') if os.access(folder, os.W_OK)]",
      "for folder in folders: open(os.path.join(folder, mine), 'w').write(mine)",
      "while True:",
      "    at = int(time.time() * 1000)",
      "    seen = [name for folder in folders for name in os.listdir(folder)]",
      "    print(at, mine, sorted(set(seen)), len([name for name in os.listdir('/proc') if name.isdigit()]), flush=True)",
      "    time.sleep(0.05)",
    ].join("\n");
    const leave = new AbortController();
    const start = async (mine: string) => {
      const sent = program({ code, parameters: { mine } }, "text/event-stream");
      return linesOf(await open(server().url, sent, leave.signal));
    };
    /** The first thing that a program saw at this time or later. */
    async function seen(lines: AsyncGenerator<string>, since: number): Promise<string> {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error("the program ended");
        const [, at, text = ""] = /^(\d+) (.*)$/.exec(value) ?? [];
        if (Number(at) >= since) return text;
      }
    }
    const processes = /^alone \['alone'\] (\d+)$/.exec(await seen(await start("alone"), 0))?.[1];
    const eight = await Promise.all(Array.from({ length: 8 }, (_, n) => start(`mine-${n}`)));
    for (const lines of eight) await seen(lines, 0);
    expect((await server().health()).sandboxes.running).toBe(9);
    // All of them have written their files and go on.
    const since = Date.now();
    const all = await Promise.all(eight.map((lines) => seen(lines, since)));
    expect(all).toEqual(Array.from({ length: 8 }, (_, n) => `mine-${n} ['mine-${n}'] ${processes}`));
    leave.abort();
    await untilRunning(server(), 0);
  });
});

describe("clients that leave", () => {
  const code = "import time; time.sleep(60)";

  test.each([
    ["its events", "text/event-stream" as const],
    ["its record", undefined],
  ])("a client that leaves while it waits for %s cancels its run", async (_title, accept) => {
    const leave = new AbortController();
    const left = open(server().url, program({ code }, accept), leave.signal).then(
      (answer) => allEvents(answer),
      (error: Error) => error,
    );
    left.catch(() => {});
    await untilRunning(server(), 1);
    const traces = tracesOf(server().pid);
    leave.abort();
    await untilRunning(server(), 0);
    await left.catch(() => {});
    // The processes of the run and the parked ones were seen alike; those of the run are gone.
    await eventually("processes of the run are gone", () => traces.living().length < traces.processes || undefined);
  });
});
