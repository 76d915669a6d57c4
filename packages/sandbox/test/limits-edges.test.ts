// Depends on: identity, cgroups.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { eventually, stretched } from "./support/host-slowness.ts";
import { lookedAt } from "./support/looked-at.ts";
import { allProcesses, endRunning, lives, running } from "./support/processes.ts";
import { program, sharedSandboxes } from "./support/sandboxes.ts";

/* Several limits at once, and programs that come up to a limit without crossing it. */

const MIB = 1024 * 1024;
const sandboxes = sharedSandboxes();
const run = (code: string, limits: object) => sandboxes().execute({ code, limits }).result;
/** Time for a program to come to what it is to do before it is stopped, on a machine that is busy too. */
const timeoutMs = stretched(2_000);

describe("the first cause wins", () => {
  it("a program stopped for its output stays output-limit, whatever else it was about to do", async () => {
    const code = program("import os, sys", "os.write(1, b'x' * 100)", "os.kill(os.getpid(), 11)");
    const execution = await run(code, { outputBytes: 10 });
    expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputBytes", stage: "run", violations: [] });
    expect(execution.stdout).toBe("xxxxxxxxxx");
  });

  it("a program over its time that left much output behind stays timed-out", async () => {
    const code = program("import os, time", "os.write(1, b'x' * 60_000)", "time.sleep(60)");
    const execution = await run(code, { timeoutMs, outputBytes: 1_000_000 });
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "timeoutMs", stage: "run", violations: [] });
    expect(execution.stdout.length).toBe(60_000);
  });

  it("a program that was refused processes and then runs out of time is timed out, and both are told", async () => {
    const code = program(
      "import subprocess, time",
      "try:",
      "    for _ in range(20): subprocess.Popen(['/bin/sleep', '30'])",
      "except OSError: pass",
      "time.sleep(60)",
    );
    const { cgroups, uids } = sandboxes().isolation;
    const execution = await run(code, { processes: 8, timeoutMs });
    if (cgroups === "none" && uids === "shared") {
      expect(execution.outcome).toEqual({
        kind: "signalled",
        signal: "SIGKILL",
        stage: "run",
        violations: ["processes"],
      });
    } else {
      expect(execution.outcome).toEqual({
        kind: "timed-out",
        limit: "timeoutMs",
        stage: "run",
        violations: ["processes"],
      });
    }
  });
});

describe("a program that uses exactly what it may is not punished", () => {
  const fine = { kind: "exited", code: 0, stage: "run", violations: [] };

  it("for output bytes", async () => {
    const execution = await run("import time; print('x' * 99, flush=True); time.sleep(0.2)", { outputBytes: 100 });
    expect(execution.outcome).toEqual(fine);
    expect(execution.stdout).toBe(`${"x".repeat(99)}\n`);
  });

  it("for output lines", async () => {
    const execution = await run("import time; print('a\\nb\\nc', flush=True); time.sleep(0.2)", { outputLines: 3 });
    expect(execution.outcome).toEqual(fine);
    expect(execution.stdout).toBe("a\nb\nc\n");
  });

  it("for lines and bytes at once, over both streams", async () => {
    const code = program("import sys", "print('ab')", "print('cd', file=sys.stderr)");
    const execution = await run(code, { outputLines: 2, outputBytes: 6 });
    expect(execution.outcome).toEqual(fine);
    expect([execution.stdout, execution.stderr]).toEqual(["ab\n", "cd\n"]);
  });

  it("for the size of its files", async () => {
    const code = program(
      "import time",
      "open('a', 'wb').write(b'x' * (3 << 20))",
      "open('/tmp/b', 'wb').write(b'x' * (1 << 20))",
      "time.sleep(0.3)",
    );
    const execution = await run(code, { diskBytes: 4 * MIB });
    expect(execution.outcome).toEqual(fine);
    expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([["a", 3 * MIB]]);
  });

  it("for one file as large as the disk", async () => {
    const execution = await run("import time; open('a', 'wb').write(b'x' * (4 << 20)); time.sleep(0.3)", {
      diskBytes: 4 * MIB,
    });
    expect(execution.outcome).toEqual(fine);
    expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([["a", 4 * MIB]]);
  });

  it("for processes", async () => {
    const code = program(
      "import subprocess, time",
      "children = [subprocess.Popen(['/bin/sleep', '60']) for _ in range(7)]",
      "print([child.poll() for child in children], 'ready', flush=True)",
      "time.sleep(60)",
    );
    const execution = await lookedAt(sandboxes(), { code, limits: { processes: 8 } });
    // Sampling sees that the limit was reached and cannot see whether one more was asked for.
    const violations = sandboxes().isolation.cgroups === "none" ? ["processes"] : [];
    expect(execution.outcome).toEqual({ kind: "cancelled", stage: "run", violations });
    expect(execution.stdout).toBe("[None, None, None, None, None, None, None] ready\n");
  });

  it("for memory that it takes and gives back below the limit", async () => {
    const code = program("for _ in range(5):", "    kept = b'x' * (40 << 20)", "    del kept");
    const execution = await run(code, { memoryBytes: 64 * MIB });
    expect(execution.outcome).toEqual(fine);
  });
});

describe("a warden that stands still past the time limit", () => {
  it("does not call timed out what ended before", async () => {
    const limit = stretched(3_000);
    const code = "import subprocess\nsubprocess.run(['/bin/sleep', '54330'])\nprint('ended')";
    const since = performance.now();
    const run = sandboxes().execute({ code, limits: { timeoutMs: limit } });
    const [child] = await eventually("the child", () => {
      const found = running("/bin/sleep 54330");
      return found.length > 0 ? found : undefined;
    });
    const runner = allProcesses().find(({ pid }) => pid === child?.parent);
    if (runner === undefined) throw new Error("the program has ended");
    process.kill(runner.parent, "SIGSTOP");
    try {
      endRunning("/bin/sleep 54330");
      await eventually("the end of the program", () => (lives(runner) ? undefined : true));
      await sleep(Math.max(0, limit + 100 - (performance.now() - since)));
    } finally {
      process.kill(runner.parent, "SIGCONT");
    }
    const { outcome, stdout } = await run.result;
    expect([outcome, stdout]).toEqual([{ kind: "exited", code: 0, stage: "run", violations: [] }, "ended\n"]);
  });
});
