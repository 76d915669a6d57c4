import { afterEach, beforeEach, expect, vi } from "vitest";
import { LanguagePools } from "../../src/pool/language-pools.ts";
import type { LongLease } from "../../src/pool/lease.ts";
import { PoolLeases } from "../../src/pool/leases.ts";
import { Pool } from "../../src/pool/pool.ts";
import { Turns } from "../../src/pool/turns.ts";
import { unlessAborted } from "../../src/pool/unless-aborted.ts";
import { FakeGround } from "./fake-ground.ts";
import { toyRuntime } from "./toy-runtime.ts";

const releases: (() => Promise<void>)[] = [];

/** Has the tests of a file run in a time of their own. What they open is closed after each, and leaves no timer. */
export function useLeases(): void {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }));
  afterEach(async () => {
    for (const release of releases.splice(0)) await release();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
}

export const toolchain = (name: string) => ({ runtime: toyRuntime({ name }), tools: {}, folders: [], state: "" });

/** Closes a pool after the test. */
export function closeLater(pool: Pool): void {
  releases.push(() => pool.close());
}

interface Wanted {
  readonly places?: number;
  readonly waitMs?: number;
  readonly min?: number;
}

/** Leases of sandboxes on fake grounds, one for each language. */
export function harness({ places = 2, waitMs = 10_000, min = 0 }: Wanted = {}) {
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
