// Depends on: identity.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { eventually, patience, stretched } from "./support/host-slowness.ts";
import { allEvents, program, sharedSandboxes, untilPrinted, using } from "./support/sandboxes.ts";

const cancelled = { kind: "cancelled", stage: "run", violations: [] };
const longRun = program("import time", "print('ready', flush=True); time.sleep(60)", "print('late')");
const sandboxes = sharedSandboxes({ pool: { min: 2 } });

describe("a run that is cancelled before it has a sandbox", () => {
  it("ends as cancelled and starts nothing", async () => {
    const { started } = sandboxes().stats();
    const run = sandboxes().execute({ code: longRun });
    run.cancel();
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.stdout).toBe("");
    expect(execution.metrics).toEqual({
      wallMs: 0,
      cpuMs: 0,
      peakMemoryBytes: 0,
      startMs: 0,
      queueMs: expect.any(Number),
    });
    expect(sandboxes().stats().started).toBe(started);
  });

  it("ends as cancelled when its signal had aborted before", async () => {
    const { started } = sandboxes().stats();
    const run = sandboxes().execute({ code: longRun }, { signal: AbortSignal.abort() });
    const events = await allEvents(run);
    expect((await run.result).outcome).toEqual(cancelled);
    expect(events.map((event) => event.type)).toEqual(["finished"]);
    expect(sandboxes().stats().started).toBe(started);
  });

  it("leaves the queue and lets the one behind it go first", async () => {
    await using({ concurrency: 1 }, async (one) => {
      const first = one.execute({ code: longRun });
      await untilPrinted(first, "ready\n");
      const second = one.execute({ code: longRun, metadata: { name: "second" } });
      const third = one.execute({ code: "'third'" });
      await expect.poll(() => one.stats().waiting, patience).toBe(2);
      second.cancel();
      const execution = await second.result;
      expect(execution.outcome).toEqual(cancelled);
      expect(execution.metadata).toEqual({ name: "second" });
      expect(one.stats()).toMatchObject({ running: 1, waiting: 1, started: 1 });
      first.cancel();
      expect((await third.result).value).toBe("third");
      expect(one.stats()).toMatchObject({ running: 0, waiting: 0, started: 2 });
    });
  });
});

describe("a running program that is cancelled", () => {
  it("is killed at once and keeps what it printed and wrote", async () => {
    const code = program("open('partial', 'w').write('half')", longRun);
    const run = sandboxes().execute({ code });
    await untilPrinted(run, "ready\n");
    run.cancel();
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.stdout).toBe("ready\n");
    expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([["partial", 4]]);
    expect(execution.metrics.wallMs).toBeLessThan(stretched(10_000));
  });

  it("is killed with all its children", async () => {
    const code = program(
      "import os, signal",
      "signal.signal(signal.SIGINT, signal.SIG_IGN)",
      "os.fork() or os.setsid()",
      longRun,
    );
    const run = sandboxes().execute({ code });
    await untilPrinted(run, "ready\nready\n");
    run.cancel();
    expect((await run.result).outcome).toEqual(cancelled);
  });

  it("is killed through an AbortSignal", async () => {
    const controller = new AbortController();
    const run = sandboxes().execute({ code: longRun }, { signal: controller.signal });
    await untilPrinted(run, "ready\n");
    controller.abort(new Error("a reason of the caller"));
    expect((await run.result).outcome).toEqual(cancelled);
  });

  it("is killed while it floods its output and nobody reads", async () => {
    const code = program("while True: print('x' * 1000)");
    const limits = { outputBytes: 1_000_000_000, outputLines: 100_000_000 };
    const run = sandboxes().execute({ code, limits }, { collectOutput: false });
    await eventually("the program runs", () => sandboxes().stats().running === 1 || undefined);
    await sleep(stretched(300));
    run.cancel();
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.stdout).toBe("");
  });

  it("is killed while it floods its output and its reader stands still", async () => {
    const code = program("while True: print('x' * 1000)");
    const limits = { outputBytes: 1_000_000_000, outputLines: 100_000_000 };
    const run = sandboxes().execute({ code, limits }, { collectOutput: false });
    const reader = run.events()[Symbol.asyncIterator]();
    expect((await reader.next()).value.type).toBe("started");
    await sleep(stretched(300));
    run.cancel();
    expect((await run.result).outcome).toEqual(cancelled);
    await reader.return?.();
  });

  it("with a grace catches the interrupt, says its last words and stays cancelled", async () => {
    const code = program(
      "import time",
      "try:",
      "    print('ready', flush=True)",
      "    time.sleep(60)",
      "except KeyboardInterrupt:",
      "    print('saved what I had')",
      "    open('state', 'w').write('3 of 7')",
      "    raise SystemExit(7)",
    );
    const run = sandboxes().execute({ code });
    await untilPrinted(run, "ready\n");
    run.cancel({ graceMs: stretched(20_000) });
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.stdout).toBe("ready\nsaved what I had\n");
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["state"]);
    expect(execution.metrics.wallMs).toBeLessThan(stretched(15_000));
  });

  it("with a grace and no handler ends by the interrupt with its traceback", async () => {
    const run = sandboxes().execute({ code: longRun });
    await untilPrinted(run, "ready\n");
    run.cancel({ graceMs: stretched(20_000) });
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.error?.type).toBe("KeyboardInterrupt");
    expect(execution.error?.line).toBe(2);
    expect(execution.metrics.wallMs).toBeLessThan(stretched(15_000));
  });

  it("that ignores the interrupt is killed when the grace is over, not before", async () => {
    const code = program("import signal", "signal.signal(signal.SIGINT, signal.SIG_IGN)", longRun);
    const run = sandboxes().execute({ code });
    await untilPrinted(run, "ready\n");
    const asked = performance.now();
    run.cancel({ graceMs: 400 });
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.stdout).toBe("ready\n");
    expect(performance.now() - asked).toBeGreaterThanOrEqual(395);
  });

  it("gets its interrupt also while a reader that stands still holds up its output", async () => {
    const code = program(
      "import os, sys",
      "try:",
      "    while True: print('x' * 1000)",
      "except KeyboardInterrupt:",
      "    open('interrupted', 'w').close()",
      "    os._exit(0)",
    );
    const limits = { outputBytes: 1_000_000_000, outputLines: 100_000_000 };
    const run = sandboxes().execute({ code, limits }, { collectOutput: false });
    const reader = run.events()[Symbol.asyncIterator]();
    while ((await reader.next()).value.type !== "stdout"); // the program is where it catches the interrupt
    await sleep(stretched(300));
    run.cancel({ graceMs: stretched(20_000) });
    await reader.return?.();
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["interrupted"]);
  });

  it("that is cancelled a second time without a grace is killed at once", async () => {
    const code = program("import signal", "signal.signal(signal.SIGINT, signal.SIG_IGN)", longRun);
    const run = sandboxes().execute({ code });
    await untilPrinted(run, "ready\n");
    run.cancel({ graceMs: 60_000 });
    run.cancel();
    run.cancel();
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.metrics.wallMs).toBeLessThan(stretched(15_000));
  });

  it("and reaches its wall-clock limit during the grace stays cancelled", async () => {
    const code = program("import signal", "signal.signal(signal.SIGINT, signal.SIG_IGN)", longRun);
    const run = sandboxes().execute({ code, limits: { timeoutMs: stretched(2_500) } });
    await untilPrinted(run, "ready\n");
    run.cancel({ graceMs: 60_000 });
    const execution = await run.result;
    expect(execution.outcome).toEqual(cancelled);
    expect(execution.metrics.wallMs).toBeGreaterThanOrEqual(stretched(2_500));
    expect(execution.metrics.wallMs).toBeLessThan(stretched(15_000));
  });
});

describe("a run that is over", () => {
  it("is not changed by a cancel", async () => {
    const run = sandboxes().execute({ code: "print('done')\n6 * 7" });
    const execution = await run.result;
    run.cancel();
    run.cancel({ graceMs: 10 });
    expect((await run.result).outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
    expect(await run.result).toBe(execution);
    expect(execution.value).toBe(42);
  });

  it("is not changed by a cancel that crosses its end, and each run has one of the two outcomes", async () => {
    for (let round = 0; round < 20; round++) {
      const run = sandboxes().execute({ code: "1" });
      setTimeout(() => run.cancel(), round);
      const { outcome } = await run.result;
      expect(["exited", "cancelled"]).toContain(outcome.kind);
    }
  });

  it("leaves its AbortSignal without a listener", async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, args);
    };
    await sandboxes().execute({ code: "1" }, { signal }).result;
    expect(listeners).toBe(0);
  });
});
