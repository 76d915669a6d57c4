// Depends on: identity, cgroups.
import type { Sample } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../src/index.ts";
import { stretched } from "./support/host-slowness.ts";
import { sampleIntervalMs } from "./support/looked-at.ts";
import { allEvents, program, sharedSandboxes } from "./support/sandboxes.ts";

const MIB = 1024 * 1024;
const sandboxes = sharedSandboxes();

describe("the metrics of a run", () => {
  it("tell the wall time of a program that sleeps, and that it used no CPU for it", async () => {
    const asked = performance.now();
    const { metrics } = await sandboxes().execute({ code: "import time; time.sleep(0.5)" }).result;
    expect(metrics.wallMs).toBeGreaterThanOrEqual(500);
    expect(metrics.wallMs).toBeLessThanOrEqual(performance.now() - asked);
    expect(metrics.cpuMs).toBeLessThan(metrics.wallMs / 2);
  });

  it("tell the CPU time of all processes, ended ones too", async () => {
    const code = program(
      "import os, time",
      "def work():",
      "    begin = time.process_time()", // what the runner used while it was parked is not the program's
      "    while time.process_time() - begin < 0.3: pass",
      "if os.fork() == 0:",
      "    work()",
      "    os._exit(0)",
      "os.wait()",
      "work()",
    );
    const { metrics } = await sandboxes().execute({ code }).result;
    expect(metrics.cpuMs).toBeGreaterThanOrEqual(600);
    expect(metrics.cpuMs).toBeLessThan(900);
    expect(metrics.wallMs).toBeGreaterThanOrEqual(600);
  });

  it("tell the peak of the memory and not what is left at the end", async () => {
    const code = program("import time", "kept = b'x' * (100 << 20)", "time.sleep(0.2)", "del kept", "time.sleep(0.2)");
    const { metrics } = await sandboxes().execute({ code }).result;
    expect(metrics.peakMemoryBytes).toBeGreaterThanOrEqual(100 * MIB);
    expect(metrics.peakMemoryBytes).toBeLessThan(140 * MIB);
  });

  it("count files as memory", async () => {
    const code = program(
      "import time",
      "with open('big', 'wb') as file:",
      "    for _ in range(50): file.write(b'x' * (1 << 20))",
      "time.sleep(0.2)",
    );
    const { metrics } = await sandboxes().execute({ code }).result;
    expect(metrics.peakMemoryBytes).toBeGreaterThanOrEqual(50 * MIB);
    expect(metrics.peakMemoryBytes).toBeLessThan(90 * MIB);
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
    // Goes on at the interrupt, and then uses more of everything until it is killed.
    const code = program(
      "import os, time",
      "try:",
      "    print('ready', flush=True)",
      "    time.sleep(60)",
      "except KeyboardInterrupt: pass",
      "kept = b'x' * (60 << 20)",
      "if os.fork() == 0: time.sleep(60)",
      "while True: pass",
    );
    const run = sandboxes().execute({ code, sampleIntervalMs: 50 });
    const seen: Sample[] = [];
    let ready = false;
    let goesOn = false;
    for await (const event of run.events()) {
      ready ||= event.type === "stdout";
      if (event.type !== "metrics") continue;
      const { processes, memoryBytes, cpuMs } = event.sample;
      seen.push(event.sample);
      if (!goesOn && ready) {
        goesOn = true;
        run.cancel({ graceMs: 60_000 });
      } else if (seen.length >= 8 && processes === 2 && memoryBytes > 60 * MIB && cpuMs > 100) run.cancel();
    }
    const { metrics } = await run.result;
    const { samples = [] } = metrics;
    expect(seen).toEqual(samples);
    expect(samples.length).toBeGreaterThanOrEqual(8);
    expect(samples.length).toBeLessThanOrEqual(metrics.wallMs / 50);
    const steps = samples.slice(1).map(({ atMs }, index) => atMs - (samples[index]?.atMs ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(Math.min(...steps)).toBeLessThan(stretched(100)); // others may be late
    const cpu = samples.map(({ cpuMs }) => cpuMs);
    expect(cpu).toEqual(cpu.toSorted((one, other) => one - other));
    expect(samples[0]?.atMs).toBeGreaterThanOrEqual(50);
    expect(samples[0]?.processes).toBe(1);
    expect(samples[0]?.memoryBytes).toBeLessThan(40 * MIB);
    expect(Math.max(...samples.map(({ processes }) => processes))).toBe(2);
    expect(Math.max(...samples.map(({ memoryBytes }) => memoryBytes))).toBeGreaterThan(60 * MIB);
    expect(Math.max(...samples.map(({ memoryBytes }) => memoryBytes))).toBeLessThan(110 * MIB);
    expect(samples.at(-1)?.cpuMs).toBeGreaterThan(100);
  });
});

describe("an alert is raised once when 80 % of a limit is used", () => {
  const alertsIn = (events: readonly RunEvent[]) => events.filter((event) => event.type === "alert");

  /** The alerts of a program that stays as it is until its warden has looked at it again after the first of them. */
  async function alerts(code: string, limits: object) {
    const run = sandboxes().execute({ code: `${code}\nimport time; time.sleep(60)`, limits, sampleIntervalMs });
    const events: RunEvent[] = [];
    let samples = 0;
    for await (const event of run.events()) {
      events.push(event);
      if (event.type !== "metrics" || alertsIn(events).length === 0) continue;
      samples += 1;
      if (samples === 2) run.cancel();
    }
    expect((await run.result).outcome.kind).toBe("cancelled");
    return alertsIn(events);
  }

  it("for the wall time", async () => {
    const allowed = stretched(1_000);
    const run = sandboxes().execute({
      code: "import time; time.sleep(60)",
      limits: { timeoutMs: allowed },
      sampleIntervalMs: 50,
    });
    const found = alertsIn(await allEvents(run));
    expect(found).toEqual([{ type: "alert", limit: "timeoutMs", used: expect.any(Number), allowed }]);
    expect(found[0]?.used).toBeGreaterThanOrEqual(allowed * 0.8);
    // The warden looks each 50 ms, and before it takes a sample; a warden that comes late does both late.
    const { samples = [], wallMs } = (await run.result).metrics;
    const looked = samples.map(({ atMs }) => atMs).filter((atMs) => atMs >= allowed * 0.8 + 50);
    expect(found[0]?.used).toBeLessThanOrEqual(Math.ceil(Math.min(...looked, wallMs)));
  });

  it("for the CPU time", async () => {
    const found = await alerts("import time\nwhile time.process_time() < 0.9: pass", { cpuMs: 1_000 });
    expect(found).toEqual([{ type: "alert", limit: "cpuMs", used: expect.any(Number), allowed: 1_000 }]);
    expect(found[0]?.used).toBeGreaterThanOrEqual(800);
  });

  it("for memory", async () => {
    const found = await alerts("kept = b'x' * (85 << 20)", { memoryBytes: 100 * MIB });
    expect(found).toEqual([{ type: "alert", limit: "memoryBytes", used: expect.any(Number), allowed: 100 * MIB }]);
    expect(found[0]?.used).toBeGreaterThanOrEqual(80 * MIB);
  });

  it("for processes", async () => {
    const code = "import subprocess\nchildren = [subprocess.Popen(['/bin/sleep', '60']) for _ in range(8)]";
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
    const found = await alerts("open('f', 'wb').write(b'x' * (9 << 20))", { diskBytes: 10 * MIB });
    expect(found).toEqual([{ type: "alert", limit: "diskBytes", used: expect.any(Number), allowed: 10 * MIB }]);
    // The warden may look while the nine are being written.
    expect(found[0]?.used).toBeGreaterThanOrEqual(8 * MIB);
    expect(found[0]?.used).toBeLessThanOrEqual(9 * MIB);
  });

  it("and not below it", async () => {
    const run = sandboxes().execute({ code: "print('x' * 70)", limits: { outputBytes: 100 } });
    expect(alertsIn(await allEvents(run))).toEqual([]);
    expect((await run.result).outcome.kind).toBe("exited");
  });
});
