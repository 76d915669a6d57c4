import { defaultCeiling, defaultLimits } from "@glovebox/protocol";
import type { Sandboxes, SandboxOptions } from "./api.ts";
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
import { openLeases } from "./interim-leases.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { resolveRuntime } from "./languages/registry.ts";
import { checkToolchainFolders } from "./languages/toolchain.ts";
import { Toolchains } from "./languages/toolchains.ts";
import { openLibrary } from "./library/open-library.ts";
import { Launchers } from "./nursery/launchers.ts";
import { Reception } from "./nursery/reception.ts";
import { configuredLimits } from "./program/limits.ts";
import { Releases } from "./releases.ts";
import { HostPrograms } from "./run/host-programs.ts";

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
  const { waive = [], preload = [], stdinWarning, log = () => {} } = options;
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
  const compiler = new Compiler({ inputsFolder: folder.inputs, products, cache, keys });
  const warmCache = cache && openCache("warm", cacheDir, log);
  const warmFiles = new WarmFiles({ folder: folder.warm, cache: warmCache, compiler, keys, ceiling, log });
  const host = { launchers, folder, cgroups, identities, reception, isolation };
  const leases = await openLeases({ ...host, options, defaults, ceiling, warmFiles, ready }, releases);
  const programs = new HostPrograms({
    isolation,
    profile: { defaults, ceiling },
    toolchains,
    compiler,
    leases,
    inputsFolder: folder.inputs,
    preload,
    stdinWarning,
  });
  releases.add(() => programs.close());
  return openLibrary(programs, { toolchainFolders, leases, close: () => releases.run() });
}
