import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { harness, never, pass, settle, usePools } from "../../test/support/pools.ts";

usePools();

describe("a pool at rest", () => {
  it("parks its minimum, one at a time, and no more", async () => {
    const { pool, ground } = harness({ min: 3, byHand: true });
    await pool.start();
    for (const parked of [0, 1, 2]) {
      await pass(10);
      expect([pool.parked, ground().parking.length]).toEqual([parked, 1]);
      ground().report();
    }
    await pass(60_000);
    expect([pool.parked, ground().asked.length]).toEqual([3, 3]);
  });

  it("parks none when its minimum is 0", async () => {
    const { pool, ground } = harness();
    await pool.start();
    await pass(60_000);
    expect([pool.parked, ground().asked, pool.inUse, pool.serving]).toEqual([0, [], false, true]);
  });

  it("rehearses what nobody waits for", async () => {
    const { pool, ground, acquire } = harness({ min: 1, byHand: true });
    await pool.start();
    await pass(10);
    const [first = ""] = ground().parking;
    acquire();
    await pass(10);
    expect(ground().parking.map((id) => ground().rehearses(id))).toEqual([true, false]);
    expect(ground().rehearses(first)).toBe(true);
  });
});

describe("a sandbox of a pool", () => {
  it("is the one that was parked for the longest time, given at once, and to one alone", async () => {
    const { pool, ground } = harness({ min: 3 });
    await pool.start();
    await pass(100);
    const order = [...ground().asked];
    const got = [await pool.acquire(never), await pool.acquire(never), await pool.acquire(never)];
    expect(got.map(({ id }) => id)).toEqual(order);
    expect(got.map(({ isolation }) => isolation.cgroups)).toEqual(["none", "none", "none"]);
    expect([pool.parked, pool.inUse]).toEqual([0, true]);
  });

  it("has its connection, its limits and its end", async () => {
    const { pool, ground } = harness();
    await pool.start();
    const sandbox = await pool.acquire(never);
    ground().lineOf(sandbox.id)?.write("from the warden");
    await settle();
    expect(String(sandbox.connection.read())).toBe("from the warden");
    const limits = { processes: 3 } as never;
    sandbox.limit(limits);
    expect(ground().limited).toEqual([{ id: sandbox.id, limits }]);
    sandbox.kill();
    await pass(10);
    expect([ground().killed, sandbox.connection.destroyed, pool.inUse]).toEqual([[sandbox.id], true, false]);
  });

  it("is replaced by another one when it was taken", async () => {
    const { pool, ground } = harness({ min: 2 });
    await pool.start();
    await pass(100);
    const { id } = await pool.acquire(never);
    await pass(10);
    ground().die(id);
    await pass(10);
    expect([pool.parked, ground().asked.length]).toEqual([2, 3]);
  });

  it("that dies while it is parked is not handed out, and is replaced", async () => {
    const { pool, ground, log } = harness({ min: 1 });
    await pool.start();
    await pass(10);
    const [first = ""] = ground().asked;
    ground().die(first);
    expect(pool.parked).toBe(0);
    await pass(10);
    expect([pool.parked, (await pool.acquire(never)).id === first, log]).toEqual([1, false, []]);
  });

  it("whose connection closes while it is parked is not handed out, is killed, and is replaced", async () => {
    const { pool, ground, control } = harness({ min: 1 });
    // Its end is not told: a warden may be long in dying.
    control.prepare = (one) => {
      one.die = () => {};
    };
    await pool.start();
    await pass(10);
    const [first = ""] = ground().asked;
    ground().lineOf(first)?.destroy(new Error("broken"));
    await settle();
    expect([pool.parked, ground().killed]).toEqual([0, [first]]);
    expect((await pool.acquire(never)).id).not.toBe(first);
  });

  it("whose connection breaks while it is used is its holder's, and does not bring the process down", async () => {
    const { pool, ground, control } = harness({ min: 1 });
    control.prepare = (one) => {
      one.die = () => {};
    };
    await pool.start();
    await pass(10);
    const { id, connection } = await pool.acquire(never);
    connection.destroy(new Error("broken"));
    await pass(10);
    expect([ground().standing.includes(id), pool.inUse, ground().killed]).toEqual([true, true, []]);
  });
});

describe("those who wait for a sandbox", () => {
  it("are served in order", async () => {
    const { pool, ground, acquire } = harness({ byHand: true });
    await pool.start();
    const waiting = [acquire(), acquire(), acquire()];
    await settle();
    expect([pool.waiting, pool.inUse]).toEqual([3, true]);
    const asked = [...ground().asked];
    for (const id of asked) ground().report(id);
    await settle();
    expect(waiting.map(({ id }) => id)).toEqual(asked.slice(0, 3));
    expect(pool.waiting).toBe(0);
  });

  it("have as many parked at once as they are, ten at most", async () => {
    const { pool, ground, acquire } = harness({ max: 1, byHand: true });
    await pool.start();
    for (let count = 0; count < 25; count++) acquire();
    await pass(100);
    expect([ground().parking.length, pool.waiting]).toEqual([10, 25]);
    ground().report();
    await pass(100);
    expect([ground().parking.length, pool.waiting]).toEqual([10, 15]);
  });

  it("have some more parked ahead, up to three, when there is a demand", async () => {
    const { pool, ground, acquire } = harness({ max: 8, byHand: true });
    await pool.start();
    acquire();
    await settle();
    expect(ground().parking.length).toBe(1);
    acquire();
    acquire();
    await settle();
    expect(ground().parking.length).toBe(3 + 3);
  });

  it("may give up: the reason is theirs, and nothing is left of them", async () => {
    const { pool, ground, acquire } = harness({ max: 1, byHand: true });
    await pool.start();
    const controller = new AbortController();
    const [gone, next] = [acquire(controller.signal), acquire()];
    await settle();
    const reason = new Error("no patience");
    controller.abort(reason);
    await settle();
    expect([gone.error, pool.waiting, getEventListeners(controller.signal, "abort")]).toEqual([reason, 1, []]);
    ground().report();
    await pass(10);
    expect([next.id !== "", pool.parked, ground().standing.length]).toEqual([true, 1, 2]);
  });

  it("may all give up: what was parked for them stays up to the maximum, and the rest is killed", async () => {
    const { pool, ground, acquire } = harness({ max: 2, byHand: true });
    await pool.start();
    const controller = new AbortController();
    for (let count = 0; count < 6; count++) acquire(controller.signal);
    await settle();
    controller.abort();
    ground().report();
    await pass(100);
    expect([pool.parked, ground().standing.length, ground().killed.length]).toEqual([2, 2, 5]);
    expect(pool.inUse).toBe(false);
  });

  it("are not served when they have given up before", async () => {
    const { pool } = harness({ min: 1 });
    await pool.start();
    await pass(10);
    const reason = new Error("over");
    await expect(pool.acquire(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect([pool.parked, pool.waiting]).toEqual([1, 0]);
  });

  it("leave no listener on their signal when they were served", async () => {
    const { pool } = harness();
    await pool.start();
    const { signal } = new AbortController();
    await pool.acquire(signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("are served soon after there is room that others leave on the host", async () => {
    const { pool, ground, acquire, control } = harness();
    control.prepare = (one) => one.setRooms(0);
    await pool.start();
    const waiting = acquire();
    await pass(1_000);
    expect([waiting, ground().asked]).toEqual([{ id: "", error: undefined }, []]);
    ground().setRooms(1);
    await pass(100);
    expect(waiting.id).not.toBe("");
  });
});

describe("a pool that is closed", () => {
  it("destroys its sandboxes and its ground, and refuses those who wait and those who come", async () => {
    const { pool, ground, acquire, log } = harness({ min: 1, byHand: true });
    await pool.start();
    await pass(10);
    ground().report();
    const held = await pool.acquire(never);
    const waiting = acquire();
    await settle();
    await pool.close();
    expect([ground().closed, ground().standing, held.connection.destroyed]).toEqual([true, [], true]);
    expect(waiting.error).toMatchObject({ code: "closed" });
    await expect(pool.acquire(never)).rejects.toMatchObject({ code: "closed" });
    await pass(60_000);
    expect([pool.parked, pool.waiting, pool.inUse, log]).toEqual([0, 0, false, []]);
  });

  it("while its ground is started in the background starts no other and says nothing", async () => {
    const { pool, grounds, log } = harness();
    pool.startInBackground();
    await pool.close();
    await pass(60_000);
    expect([grounds.length, grounds[0]?.closed, log]).toEqual([1, true, []]);
  });

  it("while its ground is dead starts no other", async () => {
    const { pool, grounds, ground } = harness();
    await pool.start();
    ground().end();
    await pool.close();
    await pass(60_000);
    expect(grounds.length).toBe(1);
  });
});
