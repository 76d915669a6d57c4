// Depends on: nothing.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { patience } from "./support/host-slowness.ts";
import { checkLeftovers, problemOf, untilPrinted, using } from "./support/sandboxes.ts";

checkLeftovers();
const sleeper = "print('ready', flush=True)\nimport time\ntime.sleep(60)";

describe("when all places are taken", () => {
  it("a run waits, and after leaseTimeoutMs is refused as busy", async () => {
    await using({ concurrency: 1, leaseTimeoutMs: 300, pool: { min: 3 } }, async (sandboxes) => {
      // Nobody but the one that is to be refused has to wait for a sandbox.
      await expect.poll(() => sandboxes.stats().parked, patience).toBe(3);
      const long = sandboxes.execute({ code: sleeper });
      await untilPrinted(long, "ready\n");
      const asked = performance.now();
      const problem = await problemOf(sandboxes.execute({ code: "1" }).result);
      expect(performance.now() - asked).toBeGreaterThanOrEqual(295);
      expect(problem.code).toBe("sandbox-busy");
      expect(problem.message).toBe("no sandbox became free within 300 ms (leaseTimeoutMs)");
      expect(sandboxes.stats()).toMatchObject({ running: 1, waiting: 0, started: 1 });
      long.cancel();
      await long.result;
      expect((await sandboxes.execute({ code: "7" }).result).value).toBe(7);
    });
  });

  it("runs are served in the order in which they came, and each tells how long it waited", async () => {
    await using({ concurrency: 1 }, async (sandboxes) => {
      const long = sandboxes.execute({ code: sleeper });
      await untilPrinted(long, "ready\n");
      const order: number[] = [];
      const asked = performance.now();
      const runs = Array.from({ length: 6 }, (_, index) => sandboxes.execute({ code: String(index) }));
      const ends = runs.map(async (run, index) => {
        let most = 0;
        for await (const event of run.events()) {
          if (event.type !== "started") continue;
          order.push(index);
          most = performance.now() - asked;
        }
        const { value, metrics } = await run.result;
        expect(value).toBe(index);
        expect(metrics.queueMs).toBeLessThanOrEqual(most);
        return metrics.queueMs;
      });
      await expect.poll(() => sandboxes.stats().waiting, patience).toBe(6);
      const allWait = performance.now();
      await sleep(200);
      const least = performance.now() - allWait;
      long.cancel();
      for (const queueMs of await Promise.all(ends)) expect(queueMs).toBeGreaterThanOrEqual(least);
      expect(order).toEqual([0, 1, 2, 3, 4, 5]);
      expect(sandboxes.stats()).toMatchObject({ running: 0, waiting: 0, started: 7 });
    });
  });

  it("a place is given back whatever becomes of a run", async () => {
    await using({ concurrency: 1, pool: { min: 1, max: 2 } }, async (sandboxes) => {
      const cancelled = sandboxes.execute({ code: sleeper });
      await untilPrinted(cancelled, "ready\n");
      cancelled.cancel();
      await cancelled.result;
      await sandboxes.execute({ code: "import os; os.kill(os.getpid(), 9)" }).result;
      await sandboxes.execute({ code: "while True: pass", limits: { timeoutMs: 200 } }).result;
      await problemOf(sandboxes.execute({ code: "" }).result);
      await problemOf(sandboxes.execute({ code: "1", files: [{ name: "a", path: "/does/not/exist" }] }).result);
      await sandboxes.execute({ code: "1" }, { signal: AbortSignal.abort() }).result;
      expect((await sandboxes.execute({ code: "7" }).result).value).toBe(7);
      expect(sandboxes.stats()).toMatchObject({ running: 0, waiting: 0, started: 4 });
    });
  });
});

describe("the pool", () => {
  it("grows when requests find none, and respects its maximum", async () => {
    await using({ pool: { min: 1, max: 4 }, concurrency: 16 }, async (sandboxes) => {
      let most = 0;
      const watching = setInterval(() => {
        most = Math.max(most, sandboxes.stats().parked);
      }, 1);
      for (let round = 0; round < 4; round++) {
        await Promise.all(Array.from({ length: 12 }, () => sandboxes.execute({ code: "1" }).result));
      }
      await expect.poll(() => sandboxes.stats().parked, patience).toBe(4);
      await sleep(300);
      clearInterval(watching);
      expect(most).toBe(4);
      expect(sandboxes.stats()).toEqual({ parked: 4, running: 0, waiting: 0, started: 48 });
    });
  });

  it("serves many more runs than it holds, none of them lost", async () => {
    await using({ pool: { min: 2, max: 8 } }, async (sandboxes) => {
      const runs = Array.from({ length: 150 }, (_, index) => sandboxes.execute({ code: `${index} * 2` }).result);
      const values = (await Promise.all(runs)).map((execution) => execution.value);
      expect(values).toEqual(Array.from({ length: 150 }, (_, index) => index * 2));
      expect(sandboxes.stats()).toMatchObject({ running: 0, waiting: 0, started: 150 });
    });
  });

  it("gives a sandbox to one run only", async () => {
    await using({ pool: { min: 4 } }, async (sandboxes) => {
      const code = "import os\nfound = os.path.exists('mark')\nopen('mark', 'w').close()\nfound";
      const runs = await Promise.all(Array.from({ length: 20 }, () => sandboxes.execute({ code }).result));
      expect(runs.map((execution) => execution.value)).toEqual(Array.from({ length: 20 }, () => false));
    });
  });
});
