import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Run } from "../../src/index.ts";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";
import { untilPrinted } from "../support/sandboxes.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const flood = (streams: string, chunk: string) => `
import itertools
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
chunk, written = ${chunk}, 0
for stream in itertools.cycle(${streams}):
    try:
        written += os.write(stream, chunk)
    except OSError:
        pass
    if "limited" in target and written > target["limited"]:
        break
`;
const limits = { outputBytes: 100_000, outputLines: 1_000 };

describe("output", () => {
  for (const [name, streams] of Object.entries({ stdout: "[1]", stderr: "[2]", both: "[1, 2]" })) {
    proves("output.bytes", `no newline, ${name}`, async () => {
      const { execution } = await ground.attack({ code: flood(streams, `b"x" * 65536`), limits });
      expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputBytes", violations: [], stage: "run" });
      expect(execution.stdout.length + execution.stderr.length).toBe(100_000);
    });

    proves("output.lines", `empty lines, ${name}`, async () => {
      const { execution } = await ground.attack({ code: flood(streams, `b"\\n" * 700`), limits });
      expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputLines", violations: [], stage: "run" });
      expect(execution.stdout + execution.stderr).toBe("\n".repeat(1_000));
    });
  }

  proves("output.bytes", "from many processes at once, a byte at a time", async () => {
    const { execution } = await ground.attack({
      code: `
for _ in range(10):
    if os.fork() == 0:
        break
${flood("[1, 2]", `b"x"`)}`,
      limits,
    });
    expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputBytes", violations: [], stage: "run" });
    expect(execution.stdout.length + execution.stderr.length).toBe(100_000);
  });

  proves("output.bytes", "control: the host takes more", async () => {
    const { stdout } = await ground.canaries.control(`import os\nfor _ in range(64): os.write(1, b"x" * 65536)`);
    expect(stdout.length).toBe(64 * 65_536);
  });

  proves("output.reopened", "", async () => {
    const { execution } = await ground.attack({
      code: `
outputs = [os.open(path, os.O_WRONLY) for path in ("/dev/stdout", "/proc/self/fd/2", "/dev/fd/1")]
import fcntl
for output in outputs:
    found[str(output)] = outcome(lambda: fcntl.fcntl(output, 1031, 16 << 20))  # F_SETPIPE_SZ
while True:
    for output in outputs:
        os.write(output, b"x" * 65536)
`,
      limits,
    });
    expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputBytes", violations: [], stage: "run" });
    expect(execution.stdout.length + execution.stderr.length).toBe(100_000);
  });

  const flooding = (run: Run) => untilPrinted(run, "");
  const endless = { outputBytes: 2 ** 30, outputLines: 100_000_000 };

  proves("output.flood-and-time", "at the time limit", async () => {
    const { execution } = await ground.attack({
      code: flood("[1, 2]", `b"x" * 4095 + b"\\n"`),
      limits: { ...endless, timeoutMs: 500 },
      run: { collectOutput: false },
    });
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "timeoutMs", violations: [], stage: "run" });
  });

  proves("output.flood-and-time", "cancelled", async () => {
    const { execution } = await ground.attack({
      code: flood("[1, 2]", `b"x" * 4095 + b"\\n"`),
      limits: endless,
      run: { collectOutput: false },
      during: async (run) => {
        await flooding(run);
        run.cancel();
      },
    });
    expect(execution.outcome).toEqual({ kind: "cancelled", violations: [], stage: "run" });
  });

  proves("output.flood-and-time", "cancelled with a grace it does not use", async () => {
    const { execution } = await ground.attack({
      code: flood("[1, 2]", `b"x" * 4095 + b"\\n"`),
      limits: endless,
      run: { collectOutput: false },
      during: async (run) => {
        await flooding(run);
        run.cancel({ graceMs: 200 });
      },
    });
    expect(execution.outcome).toEqual({ kind: "cancelled", violations: [], stage: "run" });
  });

  proves("output.slow-reader", "", async () => {
    const before = process.memoryUsage().rss;
    let most = 0;
    const { execution } = await ground.attack({
      code: flood("[1]", `b"x" * 65536`),
      limits: { ...endless, timeoutMs: stretched(1_000) },
      run: { collectOutput: false },
      during: async (run) => {
        for await (const _ of run.events()) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          most = Math.max(most, process.memoryUsage().rss - before);
        }
      },
    });
    expect(execution.outcome.kind).toBe("timed-out");
    expect(most).toBeLessThan(64 * 1024 * 1024);
  });
});
