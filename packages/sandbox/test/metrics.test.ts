import { describe, expect, it } from "vitest";
import { stretched } from "./support/host-slowness.ts";
import { allEvents, program, sharedSandboxes } from "./support/sandboxes.ts";

const MIB = 1024 * 1024;
const sandboxes = sharedSandboxes();

describe("the metrics of a run", () => {
  it("tell the wall time of a program that sleeps, and that it used no CPU for it", async () => {
    const { metrics } = await sandboxes().execute({ code: "import time; time.sleep(0.5)" }).result;
    expect(metrics.wallMs).toBeGreaterThanOrEqual(500);
    expect(metrics.wallMs).toBeLessThan(500 + stretched(2_000));
    expect(metrics.cpuMs).toBeLessThan(stretched(250));
  });

  it("tell the CPU time of all processes, ended ones too", async () => {
    const code = program(
      "import os, time",
      "if os.fork() == 0:",
      "    while time.process_time() < 0.3: pass",
      "    os._exit(0)",
      "os.wait()",
      "while time.process_time() < 0.3: pass",
    );
    const { metrics } = await sandboxes().execute({ code }).result;
    expect(metrics.cpuMs).toBeGreaterThanOrEqual(580);
    expect(metrics.cpuMs).toBeLessThan(900);
    expect(metrics.wallMs).toBeGreaterThanOrEqual(580);
  });

  it("tell the peak of the memory and not what is left at the end", async () => {
    const code = program("import time", "kept = b'x' * (100 << 20)", "time.sleep(0.2)", "del kept", "time.sleep(0.2)");
    const { metrics } = await sandboxes().execute({ code }).result;
    expect(metrics.peakMemoryBytes).toBeGreaterThanOrEqual(100 * MIB);
    expect(metrics.peakMemoryBytes).toBeLessThan(140 * MIB);
  });

  it("count files as memory", async () => {
    const code = program("import time", "open('big', 'wb').write(b'x' * (50 << 20))", "time.sleep(0.2)");
    const { metrics } = await sandboxes().execute({ code }).result;
    expect(metrics.peakMemoryBytes).toBeGreaterThanOrEqual(50 * MIB);
    expect(metrics.peakMemoryBytes).toBeLessThan(160 * MIB);
  });

  it("say little of a program that does little", async () => {
    const { metrics } = await sandboxes().execute({ code: "1" }).result;
    expect(metrics.cpuMs).toBeGreaterThan(0);
    expect(metrics.cpuMs).toBeLessThan(stretched(300));
    expect(metrics.peakMemoryBytes).toBeGreaterThan(0);
    expect(metrics.peakMemoryBytes).toBeLessThan(32 * MIB);
    expect(metrics.queueMs).toBeGreaterThanOrEqual(0);
    expect(metrics.startMs).toBeGreaterThan(0);
  });

  it("have no series unless one is asked for", async () => {
    const { metrics } = await sandboxes().execute({ code: "import time; time.sleep(0.2)" }).result;
    expect(Object.keys(metrics).sort()).toEqual(["cpuMs", "peakMemoryBytes", "queueMs", "startMs", "wallMs"]);
  });

  it("have a series at the interval that was asked for, the same as in the events", async () => {
    const code = program(
      "import os, time",
      "time.sleep(0.3)",
      "kept = b'x' * (60 << 20)",
      "child = os.fork()",
      "if child == 0: time.sleep(60)",
      "time.sleep(0.5)",
      "os.kill(child, 9)",
      "while time.process_time() < 0.4: pass",
    );
    const run = sandboxes().execute({ code, sampleIntervalMs: 50 });
    const events = await allEvents(run);
    const samples = (await run.result).metrics.samples ?? [];
    expect(events.flatMap((event) => (event.type === "metrics" ? [event.sample] : []))).toEqual(samples);
    expect(samples.length).toBeGreaterThanOrEqual(8);
    expect(samples.length).toBeLessThanOrEqual((await run.result).metrics.wallMs / 50);
    for (const [index, sample] of samples.entries()) {
      const before = samples[index - 1];
      if (before === undefined) continue;
      expect(sample.atMs).toBeGreaterThan(before.atMs);
      expect(sample.cpuMs).toBeGreaterThanOrEqual(before.cpuMs);
    }
    expect(samples[0]?.atMs).toBeGreaterThanOrEqual(50);
    expect(samples[0]?.processes).toBe(1);
    expect(samples[0]?.memoryBytes).toBeLessThan(40 * MIB);
    expect(Math.max(...samples.map((sample) => sample.processes))).toBe(2);
    expect(Math.max(...samples.map((sample) => sample.memoryBytes))).toBeGreaterThan(60 * MIB);
    expect(Math.max(...samples.map((sample) => sample.memoryBytes))).toBeLessThan(110 * MIB);
    expect(samples.at(-1)?.cpuMs).toBeGreaterThan(100);
  });
});

describe("an alert is raised once when 80 % of a limit is used", () => {
  async function alerts(code: string, limits: object) {
    const run = sandboxes().execute({ code, limits });
    const events = await allEvents(run);
    expect((await run.result).outcome.kind).toBe("exited");
    return events.flatMap((event) => (event.type === "alert" ? [event] : []));
  }

  it("for the wall time", async () => {
    const allowed = stretched(1_000);
    const found = await alerts(`import time; time.sleep(${(allowed * 0.9) / 1_000})`, { timeoutMs: allowed });
    expect(found).toEqual([{ type: "alert", limit: "timeoutMs", used: expect.any(Number), allowed }]);
    expect(found[0]?.used).toBeGreaterThanOrEqual(allowed * 0.8);
    expect(found[0]?.used).toBeLessThan(allowed);
  });

  it("for the CPU time", async () => {
    const found = await alerts("import time\nwhile time.process_time() < 0.9: pass", { cpuMs: 1_000 });
    expect(found).toEqual([{ type: "alert", limit: "cpuMs", used: expect.any(Number), allowed: 1_000 }]);
    expect(found[0]?.used).toBeGreaterThanOrEqual(800);
  });

  it("for memory", async () => {
    const found = await alerts("import time; kept = b'x' * (85 << 20); time.sleep(0.3)", { memoryBytes: 100 * MIB });
    expect(found).toEqual([{ type: "alert", limit: "memoryBytes", used: expect.any(Number), allowed: 100 * MIB }]);
    expect(found[0]?.used).toBeGreaterThanOrEqual(80 * MIB);
  });

  it("for processes", async () => {
    const code =
      "import subprocess\n[child.wait() for child in [subprocess.Popen(['/bin/sleep', '0.3']) for _ in range(8)]]";
    const found = await alerts(code, { processes: 10 });
    expect(found).toEqual([{ type: "alert", limit: "processes", used: expect.any(Number), allowed: 10 }]);
    expect(found[0]?.used).toBeGreaterThanOrEqual(8);
  });

  it("for output bytes and lines", async () => {
    const found = await alerts("import os\nfor _ in range(9): os.write(1, b'123456789\\n')", {
      outputBytes: 100,
      outputLines: 10,
    });
    expect(found.map(({ limit, allowed }) => [limit, allowed])).toEqual([
      ["outputBytes", 100],
      ["outputLines", 10],
    ]);
    for (const { used, allowed } of found) expect(used / allowed).toBeGreaterThanOrEqual(0.8);
  });

  it("for the disk", async () => {
    const found = await alerts("import time; open('f', 'wb').write(b'x' * (9 << 20)); time.sleep(0.3)", {
      diskBytes: 10 * MIB,
    });
    expect(found).toEqual([{ type: "alert", limit: "diskBytes", used: expect.any(Number), allowed: 10 * MIB }]);
    // The warden may look while the nine are being written.
    expect(found[0]?.used).toBeGreaterThanOrEqual(8 * MIB);
    expect(found[0]?.used).toBeLessThanOrEqual(9 * MIB);
  });

  it("and not below it", async () => {
    expect(await alerts("import time; print('x' * 70); time.sleep(0.2)", { outputBytes: 100 })).toEqual([]);
  });
});
