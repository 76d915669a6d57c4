import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Turn, Turns } from "./turns.ts";

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Takes turns and notes who has one, in order. */
function harness(places: number) {
  const turns = new Turns(places);
  const order: string[] = [];
  const held = new Map<string, Turn>();
  const take = (name: string, language?: string, signal = never) =>
    turns.take(signal, language).then((turn) => {
      order.push(name);
      held.set(name, turn);
    });
  const give = (name: string) => held.get(name)?.give();
  const fetched = (name: string) => held.get(name)?.fetched();
  return { turns, order, take, give, fetched };
}

describe("turns", () => {
  it("are as many as there are places, and who comes later has one when one is given back, in order", async () => {
    const { turns, order, take, give } = harness(2);
    for (const name of ["a", "b", "c", "d"]) void take(name);
    await settled();
    expect([order, turns.inUse, turns.waiting]).toEqual([["a", "b"], 2, 2]);
    give("a");
    await settled();
    expect([order, turns.inUse, turns.waiting]).toEqual([["a", "b", "c"], 2, 1]);
    give("b");
    give("c");
    await settled();
    void take("e");
    await settled();
    expect([order, turns.inUse, turns.waiting]).toEqual([["a", "b", "c", "d", "e"], 2, 0]);
  });

  it("are given back once, however often that is said", async () => {
    const { turns, take, give } = harness(2);
    await take("a");
    await take("b");
    give("a");
    give("a");
    expect(turns.inUse).toBe(1);
  });

  it("are not waited for after a signal aborts: its reason is told, and the next in order has the turn", async () => {
    const { turns, order, take, give } = harness(1);
    await take("a");
    const { signal, abort } = abortable();
    const given = take("b", undefined, signal);
    const next = take("c");
    const reason = new Error("no patience");
    abort(reason);
    await expect(given).rejects.toBe(reason);
    expect(turns.waiting).toBe(1);
    give("a");
    await next;
    expect(order).toEqual(["a", "c"]);
  });

  it("are not given to a signal that has aborted, though there is a place", async () => {
    const { turns, take } = harness(1);
    const reason = new Error("over");
    await expect(take("a", undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
    await take("b");
    expect([turns.inUse, turns.waiting]).toEqual([1, 0]);
  });

  it("are not lost to a signal that aborts after the turn was had, and leave no listener on it", async () => {
    const { turns, take, give } = harness(1);
    await take("a");
    const { signal, abort } = abortable();
    const second = take("b", undefined, signal);
    give("a");
    await second;
    expect(getEventListeners(signal, "abort")).toEqual([]);
    abort(new Error("late"));
    const third = take("c");
    expect([turns.inUse, turns.waiting]).toEqual([1, 1]);
    give("b");
    await third;
  });

  it("tell when the last one in use was given back and nobody waits, for as long as somebody listens", async () => {
    const { turns, take, give } = harness(1);
    let quiet = 0;
    const stop = turns.onQuiet(() => {
      quiet += 1;
    });
    await take("a");
    const next = take("b");
    give("a");
    await next;
    expect(quiet).toBe(0);
    give("b");
    expect(quiet).toBe(1);
    stop();
    await take("c");
    give("c");
    expect(quiet).toBe(1);
  });
});

describe("turns of those who fetch a sandbox", () => {
  it("are half of all for one language, rounded up, and others pass those who wait for that reason", async () => {
    const { turns, order, take, fetched } = harness(5);
    for (const name of ["s1", "s2", "s3", "s4", "s5"]) void take(name, "slow");
    await settled();
    expect([order, turns.waiting]).toEqual([["s1", "s2", "s3"], 2]);
    void take("q1", "quick");
    await settled();
    expect([order, turns.inUse, turns.waiting]).toEqual([["s1", "s2", "s3", "q1"], 4, 2]);
    fetched("s2");
    await settled();
    expect([order.at(-1), turns.inUse, turns.waiting]).toEqual(["s4", 5, 1]);
  });

  it("do not count any more when they are given back", async () => {
    const { turns, order, take, give } = harness(2);
    void take("s1", "slow");
    void take("s2", "slow");
    await settled();
    expect(order).toEqual(["s1"]);
    give("s1");
    await settled();
    expect([order, turns.inUse]).toEqual([["s1", "s2"], 1]);
  });

  it("do not count among those who have one: all places may compute in one language", async () => {
    const { turns, take, fetched } = harness(3);
    for (const name of ["a", "b", "c"]) {
      await take(name, "only");
      fetched(name);
      fetched(name);
    }
    expect([turns.inUse, turns.waiting]).toEqual([3, 0]);
  });

  it("let one of two places be used by those who have their sandbox, whatever waits", async () => {
    const { order, take } = harness(2);
    for (const name of ["s1", "s2", "s3"]) void take(name, "slow");
    void take("again");
    await settled();
    expect(order).toEqual(["s1", "again"]);
  });
});

it("nobody waits who could have a turn, no more are in use than there are places, and none is lost", async () => {
  const step = fc.tuple(fc.constantFrom("take", "fetched", "give"), fc.constantFrom("a", "b", "c"), fc.nat(20));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), async (places, steps) => {
      const turns = new Turns(places);
      const held: { turn: Turn; language: string; fetching: boolean }[] = [];
      const wanted = new Map<string, number>();
      const count = (language: string, by: number) => wanted.set(language, (wanted.get(language) ?? 0) + by);
      for (const [what, language, index] of steps) {
        const one = held[index % Math.max(1, held.length)];
        if (what === "take") {
          count(language, 1);
          void turns.take(new AbortController().signal, language).then((turn) => {
            count(language, -1);
            held.push({ turn, language, fetching: true });
          });
        } else if (one !== undefined && what === "fetched") {
          one.turn.fetched();
          one.fetching = false;
        } else if (one !== undefined) {
          one.turn.give();
          held.splice(held.indexOf(one), 1);
        }
        await settled();
        expect(turns.inUse).toBe(held.length);
        expect(turns.inUse).toBeLessThanOrEqual(places);
        for (const [waiting, number] of wanted) {
          const fetching = held.filter((other) => other.language === waiting && other.fetching).length;
          expect(fetching).toBeLessThanOrEqual(Math.ceil(places / 2));
          const couldGo = held.length < places && fetching < Math.ceil(places / 2);
          if (number > 0) expect(couldGo).toBe(false);
        }
      }
      for (let one = held.pop(); one !== undefined; one = held.pop()) {
        one.turn.give();
        await settled();
      }
      expect([turns.inUse, turns.waiting]).toEqual([0, 0]);
    }),
    { numRuns: 50 },
  );
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error) => controller.abort(reason) };
}
