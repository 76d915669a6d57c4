import { describe, expect, it } from "vitest";
import { harness, never, pass, usePools } from "../../test/support/pools.ts";

usePools();

describe("the stock of a pool", () => {
  it("doubles each time that one is missing, up to its maximum", async () => {
    const { pool, ground, acquire } = harness({ min: 1, max: 4 });
    await pool.start();
    await pass(10);
    for (const stock of [2, 4, 4]) {
      const taken = [];
      for (let count = pool.parked; count >= 0; count--) taken.push(acquire());
      await pass(20);
      for (const { id } of taken) ground().die(id);
      await pass(20);
      expect(pool.parked).toBe(stock);
    }
  });

  it("shrinks by one for each ten seconds in which it was not used up", async () => {
    const { pool, ground, acquire } = harness({ min: 1, max: 4 });
    await pool.start();
    for (let count = 0; count < 4; count++) acquire();
    await pass(50);
    for (const id of ground().standing.slice(0, 4)) ground().die(id);
    await pass(50);
    const sizes = [pool.parked];
    for (let count = 0; count < 5; count++) {
      await pass(10_000);
      sizes.push(pool.parked);
    }
    expect(sizes).toEqual([4, 4, 3, 2, 1, 1]);
    expect(ground().standing.length).toBe(1);
  });
});

describe("refilling, while something computes", () => {
  /** A pool with four parked, of which `taken` are taken, while somebody has a turn. */
  async function taken(count: number) {
    const all = harness({ min: 4, byHand: true });
    await all.pool.start();
    for (let left = 4; left > 0; left--) {
      await pass(10);
      all.ground().report();
    }
    const turn = await all.turns.take(never);
    for (let left = count; left > 0; left--) all.acquire();
    await pass(10);
    return { ...all, turn };
  }

  it("waits as long as half of the stock is there, and goes on when nothing computes any more", async () => {
    const { pool, ground, turn } = await taken(2);
    await pass(5_000);
    expect([pool.parked, ground().parking.length]).toEqual([2, 0]);
    turn.give();
    await pass(5);
    expect(ground().parking.length).toBe(1);
  });

  it("parks three at a time when less than half is there", async () => {
    const { pool, ground } = await taken(3);
    expect([pool.parked, ground().parking.length]).toEqual([1, 3]);
  });

  it("is not slowed by sandboxes that are held while nothing computes", async () => {
    const { pool, ground, turn } = await taken(2);
    turn.give();
    for (const more of [1, 2]) {
      await pass(5);
      ground().report();
      await pass(5);
      expect([pool.parked, pool.inUse]).toEqual([2 + more, true]);
    }
  });
});
