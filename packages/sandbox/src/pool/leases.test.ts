import { describe, expect, it } from "vitest";
import { fakeIsolation } from "../../test/support/fake-ground.ts";
import { closeLater, harness, useLeases } from "../../test/support/leases.ts";
import { pass, settle } from "../../test/support/pools.ts";
import type { LongLease } from "./lease.ts";

useLeases();

describe("a lease", () => {
  it("is of a sandbox of the language, says what isolates it and how long it was waited for", async () => {
    const { lease, ground } = harness();
    const { sandbox, isolation, queueMs } = await lease("ruby").got;
    expect(ground("ruby").standing).toEqual([sandbox.id]);
    expect(isolation).toBe(fakeIsolation);
    expect(queueMs).toBeGreaterThanOrEqual(0);
  });

  it("holds a turn until it is released, once however often that is said", async () => {
    const { lease, turns } = harness({ places: 2 });
    const [first] = [await lease("ruby").got, await lease("ruby").got];
    const third = lease("ruby");
    await settle();
    expect([third.lease, turns.inUse, turns.waiting]).toEqual([undefined, 2, 1]);
    first.release();
    first.release();
    await settle();
    expect([third.lease === undefined, turns.inUse, turns.waiting]).toEqual([false, 2, 0]);
  });

  it("that is released while its sandbox is still there destroys that", async () => {
    const { lease, ground } = harness();
    const { sandbox, release } = bound(await lease("ruby").got);
    release();
    await pass(10);
    expect([sandbox.connection.destroyed, ground("ruby").standing]).toEqual([true, []]);
  });

  it("whose sandbox has ended costs nothing but its turn when it is released", async () => {
    const { lease, ground, turns } = harness();
    const { sandbox, release } = bound(await lease("ruby").got);
    sandbox.connection.destroy();
    await settle();
    release();
    await pass(10);
    expect([ground("ruby").killed, turns.inUse]).toEqual([[], 0]);
  });

  it("gives its turn back also where its sandbox cannot be destroyed", async () => {
    const { lease, turns, ground } = harness();
    const { release } = bound(await lease("ruby").got);
    ground("ruby").kill = () => {
      throw new Error("no way");
    };
    expect(release).toThrow("no way");
    expect(turns.inUse).toBe(0);
  });
});

describe("the preloaded libraries", () => {
  it("are in the sandbox of who asks for them, when there are such, and in no other", async () => {
    const { lease, ground, open, loaded } = harness({ places: 8 });
    expect((await lease("python", { preloaded: true }).got).sandbox.id).toBe(ground("python").asked[0]);
    const pool = await open("with libraries");
    closeLater(pool);
    loaded.pool = pool;
    const { id } = (await lease("python", { preloaded: true }).got).sandbox;
    expect(ground("with libraries").asked).toEqual([id]);
    await lease("python").got;
    await lease("python", { preloaded: false }).got;
    expect([ground("with libraries").asked.length, ground("python").standing.length]).toEqual([1, 3]);
  });
});

it("who wants preloaded libraries does not wait for a pool of them that has come down meanwhile", async () => {
  const { lease, ground, open, loaded } = harness({ places: 1 });
  const pool = await open("with libraries");
  closeLater(pool);
  loaded.pool = pool;
  const first = await lease("python", { preloaded: true }).got;
  const waiting = lease("python", { preloaded: true });
  await settle();
  loaded.pool = undefined;
  first.release();
  expect(ground("python").asked).toEqual([(await waiting.got).sandbox.id]);
});

/** The parts of a lease that can be taken apart from it. */
function bound(lease: LongLease) {
  return { sandbox: lease.sandbox, release: () => lease.release() };
}
