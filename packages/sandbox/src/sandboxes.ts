import { defaultCeiling, defaultLimits } from "@glovebox/protocol";
import type { Sandboxes, SandboxOptions } from "./api.ts";
import { openCache } from "./compile/caches.ts";
import { Compiler } from "./compile/compiler.ts";
import { defaultCacheFolder } from "./compile/disk-cache.ts";
import { ProductStore } from "./compile/product-store.ts";
import { ToolchainKeys } from "./compile/toolchain-keys.ts";
import { WarmFiles } from "./compile/warm-files.ts";
import { openNamespaces } from "./ground/namespaces.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { resolveRuntime } from "./languages/registry.ts";
import { checkToolchainFolders } from "./languages/toolchain.ts";
import { Toolchains } from "./languages/toolchains.ts";
import { openLibrary } from "./library/open-library.ts";
import { openLeases } from "./pool/open-leases.ts";
import { configuredLimits, unaskedLimits } from "./program/limits.ts";
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
  const { preload = [], stdinWarning, log = () => {} } = options;
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
        const limits = unaskedLimits(defaults, ceiling, wanted.toolchain.runtime.floor);
        return namespaces.makeGround({ ...wanted, limits });
      },
      warm: (...place) => warmFiles.place(...place),
    },
    releases,
  );
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
