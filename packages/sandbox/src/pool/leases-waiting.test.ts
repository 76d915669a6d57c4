import { getEventListeners } from "node:events";
import { ProblemError } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { harness, useLeases } from "../../test/support/leases.ts";
import { pass, settle } from "../../test/support/pools.ts";

useLeases();

describe("who waits for a lease", () => {
  it("is told after its time that none is free, be it for a turn or for a sandbox, and has left nothing", async () => {
    const { lease, turns, slow, pools } = harness({ places: 2, waitMs: 300 });
    slow.add("slow");
    const forSandbox = lease("slow");
    const forTurn = lease("slow"); // one of the two places is for those who fetch in one language
    await pass(299);
    expect([forSandbox.error, forTurn.error, turns.inUse, turns.waiting]).toEqual([undefined, undefined, 1, 1]);
    await pass(1);
    for (const { error } of [forSandbox, forTurn]) {
      expect(error).toBeInstanceOf(ProblemError);
      expect(error).toMatchObject({
        code: "sandbox-busy",
        message: "no sandbox became free within 300 ms (leaseTimeoutMs)",
      });
    }
    expect([turns.inUse, turns.waiting, pools.get("slow")?.waiting]).toEqual([0, 0, 0]);
  });

  it("has the time that it asks for, which spans both waits", async () => {
    const { lease, slow, turns } = harness({ places: 1 });
    slow.add("slow");
    const first = await lease("quick").got;
    const waiting = lease("slow", { waitMs: 500 });
    await pass(300);
    first.release();
    await pass(199);
    expect([waiting.error, turns.inUse]).toEqual([undefined, 1]);
    await pass(1);
    expect(waiting.error).toMatchObject({ message: "no sandbox became free within 500 ms" });
  });

  it("may wait without end", async () => {
    const { lease } = harness({ places: 1 });
    const first = await lease("ruby").got;
    const waiting = lease("ruby", { waitMs: Number.POSITIVE_INFINITY });
    await pass(3_600_000);
    expect([waiting.lease, waiting.error]).toEqual([undefined, undefined]);
    first.release();
    await settle();
    expect(waiting.lease).toBeDefined();
  });

  it("is told the reason of its signal wherever it waits, and leaves no listener, turn or place in a queue", async () => {
    const { lease, turns, slow, making, pools } = harness({ places: 2 });
    slow.add("slow");
    making.set("unmade", new Promise(() => {}));
    const controller = new AbortController();
    const { signal } = controller;
    const all = [lease("unmade", { signal }), lease("slow", { signal }), lease("slow", { signal })];
    await pass(5);
    expect([turns.inUse, turns.waiting, pools.get("slow")?.waiting]).toEqual([1, 1, 1]);
    const reason = new Error("enough");
    controller.abort(reason);
    await settle();
    expect(all.map(({ error }) => error)).toEqual([reason, reason, reason]);
    expect([turns.inUse, turns.waiting, pools.get("slow")?.waiting]).toEqual([0, 0, 0]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("has its signal free of listeners when it was served", async () => {
    const { lease } = harness();
    const { signal } = new AbortController();
    await lease("ruby", { signal }).got;
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("gives its turn back when sandboxes cannot be made", async () => {
    const { lease, turns, ground } = harness({ places: 1, waitMs: Number.POSITIVE_INFINITY });
    (await lease("ruby").got).release();
    await pass(5);
    ground("ruby").parkError = "no more folders";
    const failing = lease("ruby");
    await pass(60_000);
    expect(failing.error).toMatchObject({ code: "sandbox-unavailable" });
    expect(turns.inUse).toBe(0);
  });
});

describe("a pool that is being made", () => {
  it("takes no turn and none of the time to wait", async () => {
    const { lease, turns, making } = harness({ places: 1, waitMs: 300 });
    let made = () => {};
    making.set(
      "ruby",
      new Promise((resolve) => {
        made = resolve;
      }),
    );
    const waiting = lease("ruby");
    await pass(60_000);
    expect([waiting.error, turns.inUse, turns.waiting]).toEqual([undefined, 0, 0]);
    (await lease("lua").got).release();
    made();
    await settle();
    expect(waiting.lease).toBeDefined();
  });

  it("is refused as closed when the pools are closed meanwhile", async () => {
    const { lease, languages } = harness();
    await languages.close();
    await expect(lease("ruby").got).rejects.toMatchObject({ code: "closed" });
  });
});

it("a language that is slow to start holds half of the places at most", async () => {
  const { lease, slow, turns, ground } = harness({ places: 4 });
  slow.add("slow");
  const waiting = Array.from({ length: 9 }, () => lease("slow"));
  await settle();
  expect([turns.inUse, turns.waiting]).toEqual([2, 7]);
  for (let count = 0; count < 3; count++) (await lease("quick").got).release();
  for (let round = 0; round < 20; round++) {
    ground("slow").report();
    await pass(5);
    for (const one of waiting) one.lease?.release();
  }
  expect(waiting.every((one) => one.lease !== undefined)).toBe(true);
});

it("a pool is not closed as idle while somebody waits for a turn to use it", async () => {
  const { lease, languages, ground } = harness({ places: 1, waitMs: Number.POSITIVE_INFINITY });
  const first = await lease("lua").got;
  const waiting = lease("ruby");
  await settle();
  languages.closeIdle(Date.now() + 3_600_000);
  await settle();
  expect(ground("ruby").closed).toBe(false);
  first.release();
  await settle();
  expect(waiting.lease).toBeDefined();
});
