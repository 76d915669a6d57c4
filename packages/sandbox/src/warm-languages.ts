import type { SandboxOptions } from "./api.ts";
import { openCache } from "./compile/caches.ts";
import { defaultCacheFolder } from "./compile/disk-cache.ts";
import { isWarm } from "./compile/warm-files.ts";
import { resolveLanguage, runtimes } from "./languages/registry.ts";
import { checkToolchainFolders, requireToolchain } from "./languages/toolchain.ts";
import { createSandboxes } from "./sandboxes.ts";

/**
 * Makes ahead of time what programs of these languages start faster with, and keeps it on disk. Names may be aliases.
 * Rejects as `createSandboxes` does.
 */
export async function warmLanguages(names: readonly string[], options: SandboxOptions = {}): Promise<void> {
  const wanted = new Set(names.map(resolveLanguage));
  const { toolchains = [], cacheDir = defaultCacheFolder(), log = () => {} } = options;
  checkToolchainFolders(toolchains);
  const cache = openCache("warm", cacheDir, log);
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
