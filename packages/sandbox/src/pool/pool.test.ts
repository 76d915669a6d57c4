import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeGround } from "../../test/support/fake-ground.ts";
import { Pool } from "./pool.ts";
import { Turns } from "./turns.ts";

const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }));
const opened: Pool[] = [];
afterEach(async () => {
  for (const pool of opened.splice(0)) await pool.close();
  expect(vi.getTimerCount()).toBe(0); // whatever happened, a closed pool leaves none
  vi.useRealTimers();
});

/** Lets what was started go on: microtasks, and turns of the event loop. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets so much time pass. */
async function pass(milliseconds: number): Promise<void> {
  await settle();
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle();
}

interface Wanted {
  readonly min?: number;
  readonly max?: number;
  /** Sandboxes are parked when the test says so. */
  readonly byHand?: boolean;
}

/** A pool on fake grounds. Each that it starts is in `grounds`; `prepare` may change one before it is started. */
function harness({ min = 0, max = 8, byHand = false }: Wanted = {}) {
  const grounds: FakeGround[] = [];
  const log: string[] = [];
  const turns = new Turns(100);
  const control = { prepare: (_: FakeGround) => {} };
  const makeGround = () => {
    const ground = new FakeGround({ parking: byHand ? "when told" : "by itself" });
    control.prepare(ground);
    grounds.push(ground);
    return ground;
  };
  const pool = new Pool({ min, max, makeGround, turns, log: (line) => log.push(line) });
  opened.push(pool);
  const ground = () => {
    const last = grounds.at(-1);
    if (last === undefined) throw new Error("no ground was started");
    return last;
  };
  /** What becomes of a wait, without an await. */
  const acquire = (signal = new AbortController().signal) => {
    const seen = { id: "", error: undefined as unknown };
    pool.acquire(signal).then(
      ({ id }) => {
        seen.id = id;
      },
      (error: unknown) => {
        seen.error = error;
      },
    );
    return seen;
  };
  return { pool, grounds, ground, log, turns, control, acquire };
}

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
