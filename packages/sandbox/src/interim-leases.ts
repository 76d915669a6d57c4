import { availableParallelism } from "node:os";
import type { Isolation, Limits } from "@glovebox/protocol";
import type { SandboxOptions } from "./api.ts";
import type { WarmFiles, WarmPool } from "./compile/warm-files.ts";
import type { Cgroups } from "./host/cgroups/index.ts";
import type { IdentityPlan } from "./host/identities.ts";
import type { InstanceFolder } from "./host/instance-folder.ts";
import { fill, fixedPlaceholders } from "./languages/command.ts";
import type { Toolchain } from "./languages/toolchain.ts";
import { languageView } from "./nursery/language-view.ts";
import type { Launchers } from "./nursery/launchers.ts";
import { Nursery, type NurseryProgram } from "./nursery/nursery.ts";
import type { Reception } from "./nursery/reception.ts";
import { Admission } from "./pool/admission.ts";
import { LanguagePools } from "./pool/language-pools.ts";
import type { Lease, Leases } from "./pool/lease.ts";
import type { ParkedSandbox } from "./pool/parked-sandbox.ts";
import { Pool } from "./pool/pool.ts";
import { UidSlots } from "./pool/uid-slots.ts";
import { baseEnvironment } from "./program/environment.ts";
import { unaskedLimits } from "./program/limits.ts";
import type { Releases } from "./releases.ts";

const defaultLeaseTimeoutMs = 10_000;
const defaultPool = { min: 1, max: 8 } as const;

export interface LeasesSetup {
  readonly options: SandboxOptions;
  readonly isolation: Isolation;
  readonly defaults: Limits;
  readonly ceiling: Limits;
  readonly launchers: Launchers;
  readonly folder: InstanceFolder;
  readonly cgroups: Cgroups;
  readonly identities: IdentityPlan;
  readonly reception: Reception;
  readonly warmFiles: WarmFiles;
  /** Toolchains that are made ready at the start. */
  readonly ready: readonly Toolchain[];
}

export interface OpenLeases extends Leases {
  readonly parked: number;
  readonly waiting: number;
}

/** How the runners of a language become programs: as its manifest says, or `start`. */
function nurseryProgram(toolchain: Toolchain, start = toolchain.runtime.start): NurseryProgram {
  const { runtime, tools, virtualEnvironment } = toolchain;
  return {
    start,
    ...(virtualEnvironment === undefined ? {} : { virtualEnvironment }),
    command: fill(runtime.park ?? [], fixedPlaceholders(runtime.name, tools)),
    environment: baseEnvironment(toolchain),
    reservesAddressSpace: runtime.reservesAddressSpace,
  };
}

/** Opens the pools of the languages that are to be ready, and leases from them and those that are made later. */
export async function openLeases(setup: LeasesSetup, releases: Releases): Promise<OpenLeases> {
  const { options, isolation, defaults, ceiling, launchers, folder, cgroups, identities, reception } = setup;
  const { warmFiles, ready } = setup;
  const { preload = [], leaseTimeoutMs = defaultLeaseTimeoutMs, log = () => {} } = options;
  const uids = new UidSlots(identities.programIds, identities.mode === "single");
  const min = options.pool?.min ?? defaultPool.min;
  const max = Math.max(min, options.pool?.max ?? defaultPool.max);
  function makePool(
    toolchain: Toolchain,
    how: { preload?: readonly string[]; warm?: string | undefined; min: number; start?: "command" },
  ) {
    const program = nurseryProgram(toolchain, how.start);
    const view = languageView(folder, toolchain, how.warm);
    const modules = how.preload ?? [];
    const watchStdin = options.stdinWarning !== undefined;
    const common = { launchers, folder, cgroups, identities, ceiling, log };
    const makeNursery = () => new Nursery({ ...common, program, view, preload: modules, watchStdin });
    // Parking is our own work, which no program's share of the processors should slow; a lease sets its own.
    const cpuPercent = Math.max(defaults.cpuPercent, 100 * availableParallelism());
    const limits = { ...unaskedLimits(defaults, ceiling, toolchain.runtime.floor), cpuPercent };
    return new Pool({ min: how.min, max, limits, identities, uids, cgroups, reception, makeNursery, log });
  }
  const startPool = async (...how: Parameters<typeof makePool>) => {
    const pool = makePool(...how);
    await pool.start().catch(async (error: unknown) => {
      await pool.close();
      throw error;
    });
    return pool;
  };
  const leaseOf = (sandbox: ParkedSandbox, since: number, release: () => void): Lease => {
    let released = false;
    const { id, socket, limit, kill } = sandbox;
    return {
      sandbox: { id, connection: socket, limit, kill },
      isolation,
      queueMs: performance.now() - since,
      release() {
        if (!released) release();
        released = true;
      },
    };
  };
  async function openWarmPool(toolchain: Toolchain): Promise<WarmPool> {
    const pool = await startPool(toolchain, { min: 0, start: "command" });
    const since = performance.now();
    return {
      lease: async (signal) => leaseOf(await pool.acquire(signal), since, () => {}),
      close: () => pool.close(),
    };
  }
  const pools = new LanguagePools(async (toolchain, signal) => {
    const warm = await warmFiles.place(toolchain, () => openWarmPool(toolchain), signal);
    signal.throwIfAborted();
    return startPool(toolchain, { min, warm });
  });
  releases.add(() => pools.close());
  await Promise.all(ready.map((toolchain) => pools.keep(toolchain)));
  let loaded: Pool | undefined;
  const python = ready.find((toolchain) => toolchain.runtime.start === "fork");
  if (python !== undefined && preload.length > 0) {
    const pool = makePool(python, { min, preload });
    releases.add(() => pool.close());
    pool.startInBackground();
    loaded = pool;
  }
  const places = options.concurrency ?? 4 * availableParallelism();
  const admission = new Admission({ places, timeoutMs: leaseTimeoutMs });
  return {
    get parked() {
      return pools.parked + (loaded?.parked ?? 0);
    },
    get waiting() {
      return admission.waiting + pools.waiting + (loaded?.waiting ?? 0);
    },
    async lease({ toolchain, preloaded = false }, { signal }) {
      const since = performance.now();
      const pool = () => (preloaded && loaded?.serving === true ? Promise.resolve(loaded) : pools.of(toolchain));
      const sandbox = await admission.enter(toolchain.runtime.name, pool, signal);
      return leaseOf(sandbox, since, () => admission.leave());
    },
  };
}
