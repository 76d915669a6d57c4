// Depends on: identity, cgroups.
import type { FinishedExecution } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { program, sharedSandboxes } from "./support/sandboxes.ts";

/* The share of CPU time, which a cgroup keeps, or the warden by having the program stand still. */

const sandboxes = sharedSandboxes();

const half = (code: string) => sandboxes().execute({ code, limits: { cpuPercent: 50 }, sampleIntervalMs: 20 }).result;

/**
 * The CPU time that a program with half of a core has at most. It may be 50 ms ahead, and a cgroup counts in periods of
 * 100 ms. Without cgroups each process runs on while the warden stands still, when no sample is taken either: before
 * the look that finds it ahead, and before the signal that stops it.
 */
function mostCpu({ isolation, metrics: { wallMs, samples = [] } }: FinishedExecution, processes: number): number {
  const looks = [0, ...samples.map(({ atMs }) => atMs), wallMs];
  const longestGap = Math.max(...looks.slice(1).map((atMs, index) => atMs - (looks[index] ?? 0)));
  return wallMs / 2 + 100 + (isolation.cgroups === "none" ? processes * 2 * longestGap : 0);
}

describe("cpuPercent", () => {
  it("of 50 gives a busy program half of the time, and lets it end", async () => {
    const code = program("import time", "while time.process_time() < 0.8: pass", "print('done')");
    const execution = await half(code);
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
    expect(execution.stdout).toBe("done\n");
    expect(execution.metrics.cpuMs).toBeLessThan(mostCpu(execution, 1));
  });

  it("counts all processes together", async () => {
    const code = program(
      "import os, time",
      "child = os.fork()",
      "while time.process_time() < 0.4: pass",
      "if child: os.waitpid(child, 0)",
    );
    const execution = await half(code);
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
    expect(execution.metrics.cpuMs).toBeLessThan(mostCpu(execution, 2));
  });

  it("does not wake what the program itself has stopped", async () => {
    const code = program(
      "import os, signal, time",
      "child = os.fork()",
      "if child == 0:",
      "    os.kill(os.getpid(), signal.SIGSTOP)",
      "    os.write(1, b'awake')",
      "    os._exit(0)",
      "os.waitpid(child, os.WUNTRACED)",
      "while time.process_time() < 0.5: pass",
      "print('done')",
    );
    const execution = await half(code);
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
    expect(execution.stdout).toBe("done\n");
  });
});
