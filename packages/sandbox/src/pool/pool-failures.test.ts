import { describe, expect, it } from "vitest";
import { harness, never, pass, settle, usePools } from "../../test/support/pools.ts";

usePools();

describe("sandboxes that cannot be made", () => {
  it("are tried again with a growing pause, and after five in a row whoever waits is told why", async () => {
    const { pool, ground, acquire, log } = harness({ max: 0, byHand: true });
    await pool.start();
    const waiting = acquire();
    for (const pauseMs of [200, 400, 800, 1_600]) {
      await settle();
      ground().fail(ground().parking[0] ?? "", "no more processes");
      await pass(pauseMs - 1);
      expect([ground().parking.length, waiting.error]).toEqual([0, undefined]);
      await pass(1);
      expect(ground().parking.length).toBe(1);
    }
    ground().fail(ground().parking[0] ?? "", "no more processes");
    await settle();
    expect(waiting.error).toMatchObject({
      code: "sandbox-unavailable",
      message: "sandboxes cannot be made: no more processes",
    });
    expect(log).toEqual(Array.from({ length: 5 }, () => "pool: a sandbox could not be parked: no more processes"));
  });

  it("are tried at once for who comes then, and that one is told when it fails again", async () => {
    const { pool, ground, acquire } = harness({ max: 0, byHand: true });
    await pool.start();
    acquire();
    for (let count = 0; count < 5; count++) {
      await settle();
      ground().fail(ground().parking[0] ?? "", "none");
      await pass(5_000);
    }
    const late = acquire();
    await settle();
    ground().fail(ground().parking[0] ?? "", "none");
    await settle();
    expect(late.error).toMatchObject({ code: "sandbox-unavailable" });
  });

  it("are forgotten when one was made", async () => {
    const { pool, ground, acquire, log } = harness({ max: 0, byHand: true });
    await pool.start();
    for (let round = 0; round < 2; round++) {
      const waiting = acquire();
      for (let count = 0; count < 4; count++) {
        await settle();
        ground().fail(ground().parking[0] ?? "", "none");
        await pass(5_000);
      }
      ground().report();
      await settle();
      expect([waiting.id !== "", waiting.error]).toEqual([true, undefined]);
    }
    expect(log.length).toBe(8);
  });

  it("have the last words of their ground as a reason, or that there were none", async () => {
    const { pool, ground, acquire, log } = harness({ max: 0, byHand: true });
    await pool.start();
    acquire();
    await settle();
    ground().die(ground().parking[0] ?? "");
    ground().errors.push("one", "two", "three", "four");
    await pass(5_000);
    ground().die(ground().parking[0] ?? "");
    const failed = "pool: a sandbox could not be parked: ";
    expect(log).toEqual([
      `${failed}it ended without a word, as when the host is short of memory`,
      `${failed}two; three; four`,
    ]);
  });

  it("because the ground refuses them are failures too, and no room is lost to them", async () => {
    const { pool, ground, acquire, log } = harness({ max: 0 });
    await pool.start();
    ground().parkError = "its cgroup cannot be made";
    const waiting = acquire();
    await pass(10_000);
    expect(waiting.error).toMatchObject({ message: "sandboxes cannot be made: its cgroup cannot be made" });
    expect(log.length).toBe(5);
    ground().parkError = undefined;
    const next = acquire();
    await pass(10);
    expect(next.id).not.toBe("");
  });
});

describe("a ground that dies", () => {
  it("takes the books along: nothing parked is handed out, and the pool is filled anew on the next one", async () => {
    const { pool, grounds, ground, log } = harness({ min: 2 });
    await pool.start();
    await pass(100);
    const held = await pool.acquire(never);
    ground().end();
    expect([pool.parked, pool.inUse, pool.serving, held.connection.destroyed]).toEqual([0, false, false, true]);
    expect(log).toEqual(["pool: the ground of its sandboxes is gone, a new one starts in 100 ms"]);
    await pass(100);
    await pass(100);
    expect([grounds.length, pool.parked, pool.serving]).toEqual([2, 2, true]);
    expect(grounds[1]?.standing).toContain((await pool.acquire(never)).id);
  });

  it("lets those who wait go on waiting, for a sandbox on the next one", async () => {
    const { pool, grounds, ground, acquire } = harness({ byHand: true });
    await pool.start();
    const waiting = [acquire(), acquire(), acquire(), acquire(), acquire(), acquire(), acquire()];
    await settle();
    ground().end();
    await pass(1_000);
    ground().report();
    await settle();
    expect(grounds.length).toBe(2);
    for (const { id } of waiting) expect(grounds[1]?.standing).toContain(id);
  });

  it("again and again is started again with a growing pause, up to five seconds, until a sandbox is parked", async () => {
    const { pool, ground, log } = harness({ min: 1, byHand: true });
    await pool.start();
    const pauses = () => log.flatMap((line) => /starts in (\d+) ms/.exec(line)?.[1] ?? []);
    for (let count = 0; count < 7; count++) {
      ground().end();
      await pass(5_000);
    }
    expect(pauses()).toEqual(["100", "200", "400", "800", "1600", "3200", "5000"]);
    ground().report();
    ground().end();
    expect(pauses().at(-1)).toBe("100");
  });

  it("while sandboxes are parked is one failure, and five such tell whoever waits", async () => {
    const { pool, ground, acquire } = harness({ byHand: true });
    await pool.start();
    const waiting = [acquire(), acquire(), acquire(), acquire(), acquire(), acquire()];
    for (let count = 0; count < 5; count++) {
      expect(waiting.map(({ error }) => error)).toEqual(waiting.map(() => undefined));
      ground().end();
      await pass(5_000);
    }
    for (const { error } of waiting) expect(error).toMatchObject({ code: "sandbox-unavailable" });
  });

  it("and cannot be started again is an answer to those who wait, and is tried again all the same", async () => {
    const { pool, grounds, ground, acquire, control, log } = harness();
    await pool.start();
    control.prepare = (one) => {
      one.refusal = "no more namespaces";
    };
    ground().end();
    const waiting = acquire();
    await pass(100);
    expect(waiting.error).toMatchObject({ code: "sandbox-unavailable", message: "no more namespaces" });
    expect(log).toContain("pool: no more namespaces");
    control.prepare = () => {};
    await pass(200);
    expect([grounds.length, pool.serving, (await pool.acquire(never)).id !== ""]).toEqual([3, true, true]);
  });
});

describe("the start of a pool", () => {
  it("rejects with what the ground says, and is not tried again by itself", async () => {
    const { pool, grounds, control } = harness({ min: 1 });
    control.prepare = (one) => {
      one.refusal = "no bubblewrap";
    };
    await expect(pool.start()).rejects.toMatchObject({ code: "sandbox-unavailable", message: "no bubblewrap" });
    await pass(60_000);
    expect(grounds.length).toBe(1);
  });

  it("in the background is tried again until it succeeds", async () => {
    const { pool, grounds, control } = harness({ min: 1 });
    control.prepare = (one) => {
      one.refusal = "no bubblewrap";
    };
    pool.startInBackground();
    await settle();
    expect(pool.serving).toBe(false);
    control.prepare = () => {};
    await pass(200);
    expect([grounds.length, pool.serving, pool.parked]).toEqual([2, true, 1]);
  });
});
