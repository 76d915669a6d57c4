import { defaultCeiling, defaultLimits, type Language, type LanguageQuery, ProblemError } from "@glovebox/protocol";
import type { ExecutionSpec, RunOptions, Sandboxes, SandboxOptions } from "./api.ts";
import { openCache } from "./compile/caches.ts";
import { Compiler } from "./compile/compiler.ts";
import { defaultCacheFolder } from "./compile/disk-cache.ts";
import { ProductStore } from "./compile/product-store.ts";
import { ToolchainKeys } from "./compile/toolchain-keys.ts";
import { WarmFiles } from "./compile/warm-files.ts";
import { openNamespaces } from "./ground/namespaces.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { listLibraries } from "./languages/libraries.ts";
import { resolveRuntime } from "./languages/registry.ts";
import { checkToolchainFolders } from "./languages/toolchain.ts";
import { Toolchains } from "./languages/toolchains.ts";
import { languagesWith } from "./languages/versions.ts";
import { openLeases } from "./pool/open-leases.ts";
import { configuredLimits, mergeLimits } from "./program/limits.ts";
import { mentionsAny } from "./program/preload-hint.ts";
import { prepareRun } from "./program/prepare.ts";
import { Releases } from "./releases.ts";
import { ProgramRun, type RunContext } from "./run/program-run.ts";

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
  const { preload = [], log = () => {} } = options;
  const { cacheDir = defaultCacheFolder(), toolchains: toolchainFolders = [] } = options;
  checkToolchainFolders(toolchainFolders);
  const toolchains = new Toolchains(toolchainFolders);
  const atOnce = (options.languages ?? ["python"]).map((name) => resolveRuntime(name, undefined).runtime);
  const ready = atOnce.map((runtime) => toolchains.require(runtime));

  const startsAtOnce = ready.length > 0;
  const namespaces = await openNamespaces(options, { ceiling, startsAtOnce }, releases);
  const { isolation, folder } = namespaces;

  const cache = openCache("compiled", cacheDir, log);
  const products = new ProductStore(folder.inputs);
  releases.add(() => products.settled());
  const keys = new ToolchainKeys(folder.runners, folder.addRunners);
  const compiler = new Compiler({ inputsFolder: folder.inputs, products, cache, keys });
  const warmCache = cache && openCache("warm", cacheDir, log);
  const warmFiles = new WarmFiles({ folder: folder.warm, cache: warmCache, compiler, keys, ceiling, log });

  const leases = await openLeases(
    options,
    {
      ready,
      makeGround(wanted) {
        const limits = mergeLimits(undefined, defaults, ceiling, wanted.toolchain.runtime.floor);
        return namespaces.makeGround({ ...wanted, limits });
      },
      warm: (...place) => warmFiles.place(...place),
    },
    releases,
  );

  const surroundings = { defaults, ceiling, toolchains, inputsFolder: folder.inputs };
  const live = new Set<ProgramRun>();
  const running = new Set<ProgramRun>();
  let started = 0;
  let closing: Promise<void> | undefined;

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
      const lease = (either: AbortSignal) => leases.lease({ toolchain }, { signal: either });
      return compiler.compile({ id, toolchain, spec, entry, limits, signal, lease });
    },
    async lease({ toolchain, spec }, signal) {
      const preloaded = toolchain.runtime.start === "fork" && mentionsAny(spec, preload);
      const lease = await leases.lease({ toolchain, preloaded }, { signal });
      started += 1;
      running.add(run());
      const release = () => {
        running.delete(run());
        lease.release();
      };
      const { sandbox, isolation, queueMs } = lease;
      return { sandbox, isolation, queueMs, release };
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
    stats: () => ({ parked: leases.parked, running: running.size, waiting: leases.waiting, started }),
    languages,
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}
