import type { Toolchain } from "../languages/toolchain.ts";
import type { Releases } from "../releases.ts";
import type { Ground } from "./ground.ts";
import { LanguagePools } from "./language-pools.ts";
import type { Leases } from "./lease.ts";
import { PoolLeases } from "./leases.ts";
import { Pool } from "./pool.ts";
import { Turns } from "./turns.ts";

/** What the programs on one ground have in common. */
export interface GroundWanted {
  readonly toolchain: Toolchain;
  /** How runners become programs, where it is not as the manifest says. */
  readonly start?: "command";
  /** The folder of what was made ahead of time for the language. */
  readonly warm?: string | undefined;
  /** Modules that are imported ahead of time. */
  readonly preload?: readonly string[];
}

/** A pool of its own for work that is done once. */
export interface OwnPool {
  readonly leases: Leases;
  close(): Promise<void>;
}

export interface PoolsOptions {
  readonly makeGround: (wanted: GroundWanted) => Ground;
  /** Places what is made ahead of time for a language, in a pool of its own. Resolves with its folder, if there is any. */
  readonly warm: (
    toolchain: Toolchain,
    open: () => Promise<OwnPool>,
    signal: AbortSignal,
  ) => Promise<string | undefined>;
  readonly min: number;
  readonly max: number;
  /** How many compute at the same time. */
  readonly concurrency: number;
  readonly waitMs: number;
  readonly log: (line: string) => void;
}

/** The pools of one instance. */
export interface Pools {
  readonly leases: Leases;
  /** Makes the pool of a language ready, for good. Rejects with `sandbox-unavailable`. */
  keep(toolchain: Toolchain): Promise<void>;
  /** Begins to make sandboxes that have libraries loaded; who asks for one gets others until it is ready. */
  preload(toolchain: Toolchain, modules: readonly string[]): void;
  stats(): { readonly parked: number; readonly waiting: number };
}

/** Opens the pools of an instance; `releases` close them. */
export function openPools(options: PoolsOptions, releases: Releases): Pools {
  const { makeGround, warm, min, max, concurrency, waitMs, log } = options;
  const turns = new Turns(concurrency);
  const make = (wanted: GroundWanted, size: { min: number; max: number }, own = turns) =>
    new Pool({ ...size, makeGround: () => makeGround(wanted), turns: own, log });
  const started = async (pool: Pool): Promise<Pool> => {
    await pool.start().catch(async (error: unknown) => {
      await pool.close();
      throw error;
    });
    return pool;
  };
  const openOwn = async (toolchain: Toolchain): Promise<OwnPool> => {
    const own = new Turns(1);
    const pool = await started(make({ toolchain, start: "command" }, { min: 0, max: 0 }, own));
    const leases = new PoolLeases({
      pools: { use: (_toolchain, _signal, work) => work(pool) },
      turns: own,
      waitMs: Number.POSITIVE_INFINITY,
    });
    return { leases, close: () => pool.close() };
  };
  const pools = new LanguagePools<Pool>(async (toolchain, signal) => {
    const folder = await warm(toolchain, () => openOwn(toolchain), signal);
    signal.throwIfAborted();
    return started(make({ toolchain, warm: folder }, { min, max }));
  });
  releases.add(() => pools.close());
  let loaded: Pool | undefined;
  const preloaded = () => (loaded?.serving === true ? loaded : undefined);
  return {
    leases: new PoolLeases({ pools, preloaded, turns, waitMs }),
    keep: (toolchain) => pools.keep(toolchain),
    preload(toolchain, modules) {
      const pool = make({ toolchain, preload: modules }, { min, max });
      releases.add(() => pool.close());
      pool.startInBackground();
      loaded = pool;
    },
    stats: () => ({
      parked: pools.parked + (loaded?.parked ?? 0),
      waiting: turns.waiting + pools.waiting + (loaded?.waiting ?? 0),
    }),
  };
}
