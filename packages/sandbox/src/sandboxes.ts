import { availableParallelism } from "node:os";
import { defaultCeiling, defaultLimits, type Language, type LanguageQuery, ProblemError } from "@glovebox/protocol";
import type { ExecutionSpec, RunOptions, Sandboxes, SandboxOptions } from "./api.ts";
import { openCache } from "./compile/caches.ts";
import { Compiler } from "./compile/compiler.ts";
import { defaultCacheFolder } from "./compile/disk-cache.ts";
import { ProductStore } from "./compile/product-store.ts";
import { ToolchainKeys } from "./compile/toolchain-keys.ts";
import { WarmFiles } from "./compile/warm-files.ts";
import { noCgroups, openCgroups } from "./host/cgroups/index.ts";
import { planIdentities } from "./host/identities.ts";
import { createInstanceFolder, sweepFolders } from "./host/instance-folder.ts";
import { describeIsolation, refuseMissing } from "./host/isolation.ts";
import { forbidsExecution } from "./host/mounts.ts";
import { newInstanceName } from "./host/process-identity.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { fill, fixedPlaceholders } from "./languages/command.ts";
import { listLibraries } from "./languages/libraries.ts";
import { resolveRuntime } from "./languages/registry.ts";
import { checkToolchainFolders, type Toolchain } from "./languages/toolchain.ts";
import { Toolchains } from "./languages/toolchains.ts";
import { languagesWith } from "./languages/versions.ts";
import { languageView } from "./nursery/language-view.ts";
import { Launchers } from "./nursery/launchers.ts";
import { Nursery, type NurseryProgram } from "./nursery/nursery.ts";
import { Reception } from "./nursery/reception.ts";
import { Admission } from "./pool/admission.ts";
import { LanguagePools } from "./pool/language-pools.ts";
import { Pool } from "./pool/pool.ts";
import { UidSlots } from "./pool/uid-slots.ts";
import { baseEnvironment } from "./program/environment.ts";
import { configuredLimits, mergeLimits } from "./program/limits.ts";
import { mentionsAny } from "./program/preload-hint.ts";
import { prepareRun } from "./program/prepare.ts";
import { Releases } from "./releases.ts";
import { ProgramRun, type RunContext } from "./run/program-run.ts";

const defaultLeaseTimeoutMs = 10_000;
const defaultPool = { min: 1, max: 8 } as const;

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

function stdinRefused(): ProblemError {
  const message = "programs of these sandboxes get none (option stdinWarning)";
  return new ProblemError("invalid-request", `stdin: ${message}`, { errors: [{ field: "stdin", message }] });
}

/**
 * Makes the sandboxes of this process: sweeps what dead instances left, sets up cgroups and folders, starts
 * the nurseries of the languages asked for and fills their pools. Resolves when they can serve; libraries may still be
 * loading then. Rejects with `sandbox-unavailable`, `isolation-missing`, or `language-unavailable` for a language that is
 * to be ready; nothing is left then.
 */
export async function createSandboxes(options: SandboxOptions = {}): Promise<Sandboxes> {
  const releases = new Releases();
  try {
    return await build(options, releases);
  } catch (error) {
    await releases.run();
    throw error;
  }
}

async function build(options: SandboxOptions, releases: Releases): Promise<Sandboxes> {
  refuseUnknownOptions(options);
  const ceiling = configuredLimits("ceiling", defaultCeiling, options.ceiling);
  const defaults = configuredLimits("defaults", defaultLimits, options.defaults);
  const { waive = [], preload = [], leaseTimeoutMs = defaultLeaseTimeoutMs, log = () => {} } = options;
  const { cacheDir = defaultCacheFolder(), toolchains: toolchainFolders = [] } = options;
  checkToolchainFolders(toolchainFolders);
  const toolchains = new Toolchains(toolchainFolders);
  const atOnce = (options.languages ?? ["python"]).map((name) => resolveRuntime(name, undefined).runtime);
  const ready = atOnce.map((runtime) => toolchains.require(runtime));

  const launchers = new Launchers();
  releases.add(() => launchers.close());
  if (ready.length > 0) launchers.startAhead();
  sweepFolders(options.runtimeDir);
  const instance = newInstanceName();
  const identities = planIdentities();
  const cgroups = options.cgroups === "none" ? noCgroups : await openCgroups(instance);
  releases.add(() => cgroups.close());
  const isolation = describeIsolation(cgroups.kind, identities, waive);
  refuseMissing(isolation);
  cgroups.delegate(identities);
  const folder = createInstanceFolder(instance, options.runtimeDir, identities);
  releases.add(async () => folder.remove());
  if (forbidsExecution(folder.path)) {
    log(`runtimeDir: ${folder.path} is on a file system mounted noexec, so what compilers make cannot be started`);
  }
  const reception = await Reception.open(folder.socket);
  releases.add(() => reception.close());

  const cache = openCache("compiled", cacheDir, log);
  const products = new ProductStore(folder.inputs);
  releases.add(() => products.settled());
  const keys = new ToolchainKeys(folder.runners, folder.addRunners);
  const compiler = new Compiler({ isolation, inputsFolder: folder.inputs, products, cache, keys });
  const warmCache = cache && openCache("warm", cacheDir, log);
  const warmFiles = new WarmFiles({ folder: folder.warm, cache: warmCache, compiler, keys, ceiling, log });

  const uids = new UidSlots(identities.programIds, identities.mode === "single");
  const min = options.pool?.min ?? defaultPool.min;
  const max = Math.max(min, options.pool?.max ?? defaultPool.max);
  function makePool(
    toolchain: Toolchain,
    setup: { preload?: readonly string[]; warm?: string | undefined; min: number; start?: "command" },
  ) {
    const program = nurseryProgram(toolchain, setup.start);
    const view = languageView(folder, toolchain, setup.warm);
    const modules = setup.preload ?? [];
    const watchStdin = options.stdinWarning !== undefined;
    const makeNursery = () =>
      new Nursery({
        launchers,
        folder,
        cgroups,
        identities,
        ceiling,
        program,
        view,
        preload: modules,
        watchStdin,
        log,
      });
    // Parking is our own work, which no program's share of the processors should slow; a lease sets its own.
    const cpuPercent = Math.max(defaults.cpuPercent, 100 * availableParallelism());
    const limits = { ...mergeLimits(undefined, defaults, ceiling, toolchain.runtime.floor), cpuPercent };
    return new Pool({ min: setup.min, max, limits, identities, uids, cgroups, reception, makeNursery, log });
  }
  const startPool = async (...setup: Parameters<typeof makePool>) => {
    const pool = makePool(...setup);
    await pool.start().catch(async (error: unknown) => {
      await pool.close();
      throw error;
    });
    return pool;
  };
  const pools = new LanguagePools(async (toolchain, signal) => {
    const open = () => startPool(toolchain, { min: 0, start: "command" });
    const warm = await warmFiles.place(toolchain, open, signal);
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

  const surroundings = { defaults, ceiling, toolchains, inputsFolder: folder.inputs };
  const places = options.concurrency ?? 4 * availableParallelism();
  const admission = new Admission({ places, timeoutMs: leaseTimeoutMs });
  const live = new Set<ProgramRun>();
  const running = new Set<ProgramRun>();
  let started = 0;
  let closing: Promise<void> | undefined;

  const poolOf = (toolchain: Toolchain, wantsLibraries = false) =>
    wantsLibraries && loaded?.serving === true ? Promise.resolve(loaded) : pools.of(toolchain);

  const context = (run: () => ProgramRun): RunContext => ({
    isolation,
    stdinWarning: options.stdinWarning,
    async prepare(spec, id) {
      if (closing !== undefined) throw new ProblemError("closed", "the sandboxes are being closed");
      if (options.stdinWarning !== undefined && spec.stdin !== undefined) throw stdinRefused();
      return prepareRun(spec, id, surroundings);
    },
    compile({ toolchain, spec, compileLimits: limits }, id, signal) {
      const entry = spec.entry ?? toolchain.runtime.mainFile;
      const acquire = (either: AbortSignal) => admission.enter(toolchain.runtime.name, () => poolOf(toolchain), either);
      const released = () => admission.leave();
      return compiler.compile({ id, toolchain, spec, entry, limits, signal, acquire, released });
    },
    async acquire({ toolchain, spec }, signal) {
      const { name, start } = toolchain.runtime;
      const wantsLibraries = start === "fork" && mentionsAny(spec, preload);
      const sandbox = await admission.enter(name, () => poolOf(toolchain, wantsLibraries), signal);
      started += 1;
      running.add(run());
      return sandbox;
    },
    released() {
      running.delete(run());
      admission.leave();
    },
  });

  async function shutDown(): Promise<void> {
    for (const run of live) run.close();
    await Promise.allSettled([...live].map((run) => run.result));
    await releases.run();
  }

  function execute(spec: ExecutionSpec, runOptions: RunOptions = {}) {
    const run: ProgramRun = new ProgramRun(
      spec,
      runOptions,
      context(() => run),
    );
    live.add(run);
    const forget = () => live.delete(run);
    run.result.then(forget, forget);
    return run;
  }

  async function languages({ names, packages = false }: LanguageQuery = {}): Promise<readonly Language[]> {
    const found = await languagesWith(toolchainFolders, names);
    if (!packages) return found;
    const listed: Language[] = [];
    // One after the other: a list takes as long as a program does, and nobody's program should wait for many of them.
    for (const language of found) {
      const { runtime } = resolveRuntime(language.name, undefined);
      const libraries = language.available
        ? await listLibraries(runtime, (spec) => execute(spec).result)
        : { packages: null, packagesNote: null };
      listed.push({ ...language, ...libraries });
    }
    return listed;
  }

  return {
    isolation,
    execute,
    stats: () => ({
      parked: pools.parked + (loaded?.parked ?? 0),
      running: running.size,
      waiting: admission.waiting + pools.waiting + (loaded?.waiting ?? 0),
      started,
    }),
    languages,
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}
