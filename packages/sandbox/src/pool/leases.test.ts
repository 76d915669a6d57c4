import { getEventListeners } from "node:events";
import { ProblemError } from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeGround, fakeIsolation } from "../../test/support/fake-ground.ts";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import { LanguagePools } from "./language-pools.ts";
import type { LongLease } from "./lease.ts";
import { PoolLeases } from "./leases.ts";
import { Pool } from "./pool.ts";
import { Turns } from "./turns.ts";
import { unlessAborted } from "./unless-aborted.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }));
const releases: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0)) await release();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function settle(): Promise<void> {
  for (let round = 0; round < 8; round++) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(milliseconds: number): Promise<void> {
  await settle();
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle();
}

const toolchain = (name: string) => ({ runtime: toyRuntime({ name }), tools: {}, folders: [], state: "" });

interface Wanted {
  readonly places?: number;
  readonly waitMs?: number;
  readonly min?: number;
}

/** Leases of sandboxes on fake grounds, one for each language. */
function harness({ places = 2, waitMs = 10_000, min = 0 }: Wanted = {}) {
  const turns = new Turns(places);
  const grounds = new Map<string, FakeGround>();
  const pools = new Map<string, Pool>();
  /** What the making of a language's pool waits for. */
  const making = new Map<string, Promise<void>>();
  /** Languages whose sandboxes are parked by hand. */
  const slow = new Set<string>();
  const open = async (name: string) => {
    const makeGround = () => {
      const ground = new FakeGround({ parking: slow.has(name) ? "when told" : "by itself" });
      grounds.set(name, ground);
      return ground;
    };
    const pool = new Pool({ min, max: 2 * min, makeGround, turns, log: () => {} });
    pools.set(name, pool);
    await pool.start();
    return pool;
  };
  const languages = new LanguagePools<Pool>(async ({ runtime: { name } }, signal) => {
    await unlessAborted(making.get(name) ?? Promise.resolve(), signal);
    return open(name);
  });
  releases.push(() => languages.close());
  const loaded = { pool: undefined as Pool | undefined };
  const leases = new PoolLeases({ pools: languages, preloaded: () => loaded.pool, turns, waitMs });
  const lease = (name: string, how: { signal?: AbortSignal; waitMs?: number; preloaded?: boolean } = {}) => {
    const { preloaded, ...rest } = how;
    const signal = rest.signal ?? new AbortController().signal;
    const query = { toolchain: toolchain(name), ...(preloaded === undefined ? {} : { preloaded }) };
    const seen = { lease: undefined as LongLease | undefined, error: undefined as unknown };
    const got = leases.lease(query, { ...rest, signal });
    got.then(
      (one) => {
        seen.lease = one;
      },
      (error: unknown) => {
        seen.error = error;
      },
    );
    return Object.assign(seen, { got });
  };
  const ground = (name: string) => {
    const found = grounds.get(name);
    if (found === undefined) throw new Error(`${name} has no ground`);
    return found;
  };
  return { turns, pools, languages, lease, ground, making, slow, open, loaded };
}

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
    releases.push(() => pool.close());
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
  releases.push(() => pool.close());
  loaded.pool = pool;
  const first = await lease("python", { preloaded: true }).got;
  const waiting = lease("python", { preloaded: true });
  await settle();
  loaded.pool = undefined;
  first.release();
  expect(ground("python").asked).toEqual([(await waiting.got).sandbox.id]);
});

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

/** The parts of a lease that can be taken apart from it. */
function bound(lease: LongLease) {
  return { sandbox: lease.sandbox, release: () => lease.release() };
}
