import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { harness, toolchain, useLeases } from "../../test/support/leases.ts";
import { pass, settle } from "../../test/support/pools.ts";

useLeases();

describe("an idle lease, which rests", () => {
  it("leaves its turn to others and keeps its sandbox", async () => {
    const { lease, turns, ground } = harness({ places: 1 });
    const idle = await lease("python").got;
    idle.rest();
    idle.rest();
    expect(turns.inUse).toBe(0);
    const other = await lease("python").got;
    expect(ground("python").standing).toEqual([idle.sandbox.id, other.sandbox.id]);
    expect(idle.sandbox.connection.destroyed).toBe(false);
  });

  it("does not fill the places, however many there are", async () => {
    const { lease, turns } = harness({ places: 2 });
    const idle = [];
    for (let count = 0; count < 100; count++) {
      const one = await lease("python").got;
      one.rest();
      idle.push(one);
    }
    expect(turns.inUse).toBe(0);
    await lease("python").got;
    expect([idle.length, turns.inUse, turns.waiting]).toEqual([100, 1, 0]);
  });

  it("does not slow the refilling of its pool, which goes on when the last of them rests", async () => {
    const { lease, languages, pools, slow, ground } = harness({ places: 8, min: 4 });
    slow.add("python");
    await languages.keep(toolchain("python"));
    for (let left = 4; left > 0; left--) {
      await pass(5);
      ground("python").report();
    }
    const held = [await lease("python").got, await lease("python").got];
    await pass(1_000);
    // Both compute: half of the stock is there, so nothing is parked.
    expect([pools.get("python")?.parked, ground("python").parking.length]).toEqual([2, 0]);
    for (const one of held) one.rest();
    await pass(5);
    expect(ground("python").parking.length).toBe(1);
    ground("python").report();
    await pass(5);
    ground("python").report();
    await pass(5);
    expect([pools.get("python")?.parked, ground("python").standing.length]).toEqual([4, 6]);
  });

  it("has a turn again when it resumes, after those who came before, without another sandbox", async () => {
    const { lease, turns, ground } = harness({ places: 1 });
    const idle = await lease("python").got;
    idle.rest();
    const other = await lease("python").got;
    let resumed = false;
    const { signal } = new AbortController();
    const resuming = idle.resume({ signal }).then(() => {
      resumed = true;
    });
    await settle();
    expect([resumed, turns.waiting]).toEqual([false, 1]);
    other.release();
    await resuming;
    await idle.resume({ signal }); // it has one
    expect([turns.inUse, turns.waiting, ground("python").asked.length]).toEqual([1, 0, 2]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("waits for its turn as a new one does: for a time, until its signal aborts, until it is released", async () => {
    const { lease, turns } = harness({ places: 1, waitMs: 300 });
    const idle = await lease("python").got;
    idle.rest();
    await lease("python").got;
    const { signal } = new AbortController();
    const late = idle.resume({ signal }).catch((error: unknown) => error);
    await pass(300);
    expect(await late).toMatchObject({ code: "sandbox-busy" });
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = idle.resume({ signal: controller.signal }).catch((error: unknown) => error);
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    const released = idle.resume({ signal }).catch((error: unknown) => error);
    idle.release();
    expect(await released).toMatchObject({ message: "the lease was released" });
    await expect(idle.resume({ signal })).rejects.toThrow("the lease was released");
    expect([turns.inUse, turns.waiting]).toEqual([1, 0]);
  });

  it("takes one turn though it resumes twice at once", async () => {
    const { lease, turns } = harness({ places: 3 });
    const idle = await lease("python").got;
    idle.rest();
    const { signal } = new AbortController();
    await Promise.all([idle.resume({ signal }), idle.resume({ signal })]);
    expect(turns.inUse).toBe(1);
  });
});
