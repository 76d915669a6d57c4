import { availableParallelism } from "node:os";
import {
  defaultCeiling,
  defaultCompileLimits,
  defaultLimits,
  type Isolation,
  type IsolationFeature,
  type Limits,
  limitsSchema,
  ProblemError,
} from "@glovebox/protocol";
import type { ExecutionSpec, Sandboxes, SandboxOptions } from "./api.ts";
import { Compiler } from "./compile/compiler.ts";
import { DiskCache, defaultCacheFolder } from "./compile/disk-cache.ts";
import { ProductStore } from "./compile/product-store.ts";
import { noCgroups, openCgroups } from "./host/cgroups/index.ts";
import { type IdentityPlan, planIdentities } from "./host/identities.ts";
import { createInstanceFolder, sweepFolders } from "./host/instance-folder.ts";
import { languageView } from "./host/language-view.ts";
import { newInstanceName } from "./host/process-identity.ts";
import { fill, fixedPlaceholders } from "./languages/command.ts";
import { LanguagePools } from "./languages/language-pools.ts";
import { resolveLanguage, resolveRuntime, runtimes } from "./languages/registry.ts";
import { checkToolchainFolders, requireToolchain, type Toolchain } from "./languages/toolchain.ts";
import { listLanguages } from "./languages/versions.ts";
import { isWarm, WarmFiles } from "./languages/warm-files.ts";
import { Nursery, type NurseryProgram } from "./nursery/nursery.ts";
import { Reception } from "./nursery/reception.ts";
import { Pool } from "./pool/pool.ts";
import { UidSlots } from "./pool/uid-slots.ts";
import { Releases } from "./releases.ts";
import { baseEnvironment } from "./run/environment.ts";
import { prepareInputs } from "./run/inputs.ts";
import { mergeLimits } from "./run/limits.ts";
import { mentionsAny } from "./run/preload-hint.ts";
import { busy, type PreparedRun, ProgramRun, type RunContext } from "./run/program-run.ts";
import { checkSpec } from "./run/spec.ts";
import { jobBytes, placeProgram } from "./run/task.ts";
import { Turnstile } from "./run/turnstile.ts";
import { unlessAborted } from "./run/unless-aborted.ts";

const defaultLeaseTimeoutMs = 10_000;
const defaultPool = { min: 1, max: 8 } as const;
const compiledBytes = 1024 ** 3;
const warmBytes = 1024 ** 3;
const cacheAgeMs = 30 * 24 * 3_600_000;

/** What is missing on this host and not waived, as one problem; nothing when nothing is. */
function refuseMissing(isolation: Isolation, waive: readonly IsolationFeature[]): void {
  const missing: [IsolationFeature, string][] = [];
  if (isolation.cgroups === "none" && !waive.includes("cgroups")) {
    missing.push(["cgroups", "no cgroup can be written by this user, so limits would be kept by sampling alone"]);
  }
  if (isolation.uids === "shared" && !waive.includes("separate-uids")) {
    missing.push(["separate-uids", "this user has no subordinate uids, so all sandboxes would share one uid"]);
  }
  if (missing.length === 0) return;
  const detail = missing
    .map(([name, reason]) => `${reason} (mend it as 'glovebox doctor' says, or --waive ${name})`)
    .join("; ");
  const errors = missing.map(([name, reason]) => ({ field: "waive", message: `${name}: ${reason}` }));
  throw new ProblemError("isolation-missing", detail, { errors });
}

/** The operator's limits over the built-in ones. Throws `invalid-configuration` that names every broken field. */
function configuredLimits(name: "ceiling" | "defaults", builtIn: Limits, own: Partial<Limits> | undefined): Limits {
  const parsed = limitsSchema.safeParse({ ...builtIn, ...own });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    field: `${name}.${issue.path.join(".")}`,
    message: issue.message,
  }));
  const detail = errors.map((error) => `${error.field}: ${error.message}`).join("; ");
  throw new ProblemError("invalid-configuration", detail, { errors });
}

function describeIsolation(
  kind: Isolation["cgroups"],
  identities: IdentityPlan,
  waive: readonly IsolationFeature[],
): Isolation {
  const uids = identities.mode === "single" ? "shared" : "separate";
  const missing: IsolationFeature[] = [];
  if (kind === "none") missing.push("cgroups");
  if (uids === "shared") missing.push("separate-uids");
  return { backend: "namespaces", cgroups: kind, uids, waived: missing.filter((name) => waive.includes(name)) };
}

/** How the runners of a language become programs: as its manifest says, or `start`. */
function nurseryProgram(toolchain: Toolchain, start = toolchain.runtime.start): NurseryProgram {
  const { runtime, tools } = toolchain;
  return {
    start,
    command: fill(runtime.park ?? [], fixedPlaceholders(runtime.name, tools)),
    environment: baseEnvironment(toolchain),
    reservesAddressSpace: runtime.reservesAddressSpace,
  };
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

/**
 * Makes ahead of time what programs of these languages start faster with, and keeps it on disk. Names may be aliases.
 * Rejects as `createSandboxes` does.
 */
export async function warmLanguages(names: readonly string[], options: SandboxOptions = {}): Promise<void> {
  const wanted = new Set(names.map(resolveLanguage));
  const { toolchains = [], cacheDir = defaultCacheFolder(), log = () => {} } = options;
  checkToolchainFolders(toolchains);
  const cache = DiskCache.open({ folder: cacheDir, kind: "warm", maxBytes: warmBytes, maxAgeMs: cacheAgeMs, log });
  if (cache === undefined) return; // nothing could be kept
  const languages: string[] = [];
  for (const runtime of runtimes()) {
    if (!wanted.has(runtime.name)) continue;
    if (!(await isWarm(requireToolchain(runtime, toolchains), cache))) languages.push(runtime.name);
  }
  if (languages.length === 0) return;
  const sandboxes = await createSandboxes({ ...options, languages, pool: { min: 0, max: 1 } });
  await sandboxes.close();
}

async function build(options: SandboxOptions, releases: Releases): Promise<Sandboxes> {
  const ceiling = configuredLimits("ceiling", defaultCeiling, options.ceiling);
  const defaults = configuredLimits("defaults", defaultLimits, options.defaults);
  const { waive = [], preload = [], leaseTimeoutMs = defaultLeaseTimeoutMs, log = () => {} } = options;
  const { toolchains = [], cacheDir = defaultCacheFolder() } = options;
  checkToolchainFolders(toolchains);
  const atOnce = (options.languages ?? ["python"]).map((name) => resolveRuntime(name, undefined).runtime);
  const ready = atOnce.map((runtime) => requireToolchain(runtime, toolchains));

  sweepFolders(options.runtimeDir);
  const instance = newInstanceName();
  const identities = planIdentities();
  const cgroups = options.cgroups === "none" ? noCgroups : await openCgroups(instance);
  releases.add(() => cgroups.close());
  const isolation = describeIsolation(cgroups.kind, identities, waive);
  refuseMissing(isolation, waive);
  cgroups.delegate(identities);
  const folder = createInstanceFolder(instance, options.runtimeDir, identities);
  releases.add(async () => folder.remove());
  const reception = await Reception.open(folder.socket);
  releases.add(() => reception.close());

  const caches = { folder: cacheDir, maxAgeMs: cacheAgeMs, log };
  const cache = DiskCache.open({ ...caches, kind: "compiled", maxBytes: compiledBytes });
  const products = new ProductStore(folder.inputs);
  const compiler = new Compiler({ isolation, inputsFolder: folder.inputs, products, cache });
  const warmCache = cache && DiskCache.open({ ...caches, kind: "warm", maxBytes: warmBytes });
  const warmFiles = new WarmFiles({ folder: folder.warm, cache: warmCache, compiler, ceiling, log });

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
    const makeNursery = () =>
      new Nursery({ folder, cgroups, identities, ceiling, program, view, preload: modules, log });
    // Parking is our own work, which no program's share of the processors should slow; a lease sets its own.
    const cpuPercent = Math.max(defaults.cpuPercent, 100 * availableParallelism());
    const limits = { ...mergeLimits(undefined, defaults, ceiling, toolchain.runtime.floor), cpuPercent };
    return new Pool({ min: setup.min, max, limits, identities, uids, cgroups, reception, makeNursery, log });
  }
  const pools = new LanguagePools(async (toolchain) => {
    const open = async () => {
      const pool = makePool(toolchain, { min: 0, start: "command" });
      await pool.start();
      return pool;
    };
    const pool = makePool(toolchain, { min, warm: await warmFiles.place(toolchain, open) });
    await pool.start();
    return pool;
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

  const turnstile = new Turnstile(options.concurrency ?? 4 * availableParallelism());
  const live = new Set<ProgramRun>();
  const running = new Set<ProgramRun>();
  let started = 0;
  let closing: Promise<void> | undefined;

  /**
   * One sandbox of a pool, within the number of programs that may run at the same time. A language that is made ready
   * for its first use takes no place of a program meanwhile, and none of the time to wait for a sandbox.
   */
  async function acquire(toolchain: Toolchain, wantsLibraries: boolean, signal: AbortSignal) {
    const pool = async () => (wantsLibraries && loaded?.serving === true ? loaded : pools.of(toolchain));
    await unlessAborted(pool(), signal);
    const timeout = AbortSignal.timeout(leaseTimeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    try {
      await turnstile.enter(either);
      try {
        return await (await pool()).acquire(either);
      } catch (error) {
        turnstile.leave();
        throw error;
      }
    } catch (error) {
      if (timeout.aborted && !signal.aborted) throw busy(leaseTimeoutMs);
      throw error;
    }
  }

  async function prepare(spec: ExecutionSpec, id: string): Promise<PreparedRun> {
    if (closing !== undefined) throw new ProblemError("closed", "the sandboxes are being closed");
    checkSpec(spec);
    const { runtime, warning } = resolveRuntime(spec.language, spec.entry);
    const limits = mergeLimits(spec.limits, defaults, ceiling, runtime.floor);
    const ofCompiler = { ...defaultCompileLimits, ...runtime.compile?.limits };
    const compileLimits = mergeLimits(spec.compileLimits, ofCompiler, ceiling, runtime.floor, "compileLimits");
    const toolchain = requireToolchain(runtime, toolchains);
    const placed = runtime.start === "fork" ? spec : placeProgram(spec, runtime.mainFile).spec;
    const inputs = await prepareInputs(placed, id, folder.inputs);
    const needed = inputs.inlineBytes + jobBytes({ toolchain, id, spec: placed, memoryBytes: limits.memoryBytes });
    if (needed > limits.diskBytes) {
      await inputs.remove();
      const message = `${limits.diskBytes} bytes do not hold the input files, which need ${needed}`;
      throw new ProblemError("invalid-request", `limits.diskBytes: ${message}`, {
        errors: [{ field: "limits.diskBytes", message }],
      });
    }
    const warnings = warning === undefined ? [] : [warning];
    if (runtime.start === "command" && (spec.returnVariables ?? []).length > 0) {
      warnings.push(`returnVariables: ${runtime.title} has no variables that could be returned; save results instead`);
    }
    return { toolchain, spec: placed, limits, compileLimits, inputs, warnings };
  }

  const context = (run: () => ProgramRun): RunContext => ({
    isolation,
    prepare,
    compile: ({ toolchain, spec, compileLimits: limits }, id, signal) => {
      const entry = spec.entry ?? toolchain.runtime.mainFile;
      const sandbox = (either: AbortSignal) => acquire(toolchain, false, either);
      const released = () => turnstile.leave();
      return compiler.compile({ id, toolchain, spec, entry, limits, signal, acquire: sandbox, released });
    },
    async acquire({ toolchain, spec }, signal) {
      const wantsLibraries = toolchain.runtime.start === "fork" && mentionsAny(spec, preload);
      const sandbox = await acquire(toolchain, wantsLibraries, signal);
      started += 1;
      running.add(run());
      return sandbox;
    },
    released() {
      running.delete(run());
      turnstile.leave();
    },
  });

  async function shutDown(): Promise<void> {
    for (const run of live) run.close();
    await Promise.allSettled([...live].map((run) => run.result));
    await releases.run();
  }

  return {
    isolation,
    execute(spec: ExecutionSpec, runOptions = {}) {
      const run: ProgramRun = new ProgramRun(
        spec,
        runOptions,
        context(() => run),
      );
      live.add(run);
      const forget = () => live.delete(run);
      run.result.then(forget, forget);
      return run;
    },
    stats: () => ({
      parked: pools.parked + (loaded?.parked ?? 0),
      running: running.size,
      waiting: turnstile.waiting + pools.waiting + (loaded?.waiting ?? 0),
      started,
    }),
    languages: () => listLanguages(toolchains),
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}
