import { availableParallelism } from "node:os";
import type { SandboxOptions } from "../api.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import type { Releases } from "../releases.ts";
import type { Ground } from "./ground.ts";
import { LanguagePools } from "./language-pools.ts";
import type { Lease, Leases } from "./lease.ts";
import { PoolLeases } from "./leases.ts";
import { Pool } from "./pool.ts";
import { Turns } from "./turns.ts";

const defaultLeaseTimeoutMs = 10_000;
const defaultPool = { min: 1, max: 8 } as const;

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

/** A pool of its own, for work that is done once. */
interface OwnPool {
  lease(signal: AbortSignal): Promise<Lease>;
  close(): Promise<void>;
}

export interface LeasesSetup {
  /** Of these the pools have sandboxes ready from the start, and for good. */
  readonly ready: readonly Toolchain[];
  readonly makeGround: (wanted: GroundWanted) => Ground;
  /** Places what is made ahead of time for a language, in a pool of its own. Resolves with its folder, if there is any. */
  readonly warm: (
    toolchain: Toolchain,
    open: () => Promise<OwnPool>,
    signal: AbortSignal,
  ) => Promise<string | undefined>;
}

/** The leases of one instance, and its counts. */
export interface OpenLeases extends Leases {
  /** Sandboxes that are ready. */
  readonly parked: number;
  /** Those who wait for a turn or a sandbox. */
  readonly waiting: number;
}

type Options = Pick<SandboxOptions, "pool" | "concurrency" | "leaseTimeoutMs" | "preload" | "log">;

/**
 * Opens the pools of an instance; `releases` close them. Resolves when those that are to be ready can serve; preloaded
 * libraries may still be loading then. Rejects with `sandbox-unavailable`.
 */
export async function openLeases(options: Options, setup: LeasesSetup, releases: Releases): Promise<OpenLeases> {
  const { concurrency = 4 * availableParallelism(), leaseTimeoutMs = defaultLeaseTimeoutMs, log = () => {} } = options;
  const { ready, makeGround, warm } = setup;
  const min = options.pool?.min ?? defaultPool.min;
  const size = { min, max: Math.max(min, options.pool?.max ?? defaultPool.max) };
  const turns = new Turns(concurrency);
  const pools = new LanguagePools<Pool>(async (toolchain, signal) => {
    const folder = await warm(toolchain, () => openOwn(toolchain), signal);
    signal.throwIfAborted();
    const ground = () => makeGround({ toolchain, warm: folder });
    return started(new Pool({ ...size, makeGround: ground, turns, log }));
  });
  releases.add(() => pools.close());
  await Promise.all(ready.map((toolchain) => pools.keep(toolchain)));
  const loaded = preload();
  const preloaded = () => (loaded?.serving === true ? loaded : undefined);
  const leases = new PoolLeases({ pools, preloaded, turns, waitMs: leaseTimeoutMs });

  async function openOwn(toolchain: Toolchain): Promise<OwnPool> {
    const own = new Turns(1);
    const ground = () => makeGround({ toolchain, start: "command" });
    const pool = await started(new Pool({ min: 0, max: 0, makeGround: ground, turns: own, log }));
    const use = <T>(_toolchain: Toolchain, _signal: AbortSignal, work: (one: Pool) => Promise<T>) => work(pool);
    const only = new PoolLeases({ pools: { use }, turns: own, waitMs: Number.POSITIVE_INFINITY });
    return { lease: (signal) => only.lease({ toolchain }, { signal }), close: () => pool.close() };
  }

  function preload(): Pool | undefined {
    const { preload: modules = [] } = options;
    const toolchain = ready.find(({ runtime }) => runtime.start === "fork");
    if (toolchain === undefined || modules.length === 0) return undefined;
    const ground = () => makeGround({ toolchain, preload: modules });
    const pool = new Pool({ ...size, makeGround: ground, turns, log });
    releases.add(() => pool.close());
    pool.startInBackground();
    return pool;
  }

  return {
    lease: (query, how) => leases.lease(query, how),
    get parked() {
      return pools.parked + (loaded?.parked ?? 0);
    },
    get waiting() {
      return turns.waiting + pools.waiting + (loaded?.waiting ?? 0);
    },
  };
}

/** The pool when it has been started; where that fails nothing is left of it. */
async function started(pool: Pool): Promise<Pool> {
  try {
    await pool.start();
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}
