import { afterEach, beforeEach, expect, vi } from "vitest";
import { Pool } from "../../src/pool/pool.ts";
import { Turns } from "../../src/pool/turns.ts";
import { FakeGround } from "./fake-ground.ts";

export const never = new AbortController().signal;

const opened: Pool[] = [];

/** Has the tests of a file run in a time of their own. What they open is closed after each, and leaves no timer. */
export function usePools(): void {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }));
  afterEach(async () => {
    for (const pool of opened.splice(0)) await pool.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
}

/** Lets what was started go on: microtasks, and turns of the event loop. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 8; round++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets so much time pass. */
export async function pass(milliseconds: number): Promise<void> {
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
export function harness({ min = 0, max = 8, byHand = false }: Wanted = {}) {
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
