import { spawnSync } from "node:child_process";
import { resolveLanguage, runtimes } from "./registry.ts";
import { findToolchain } from "./toolchain.ts";

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync("dpkg-query", ["--status", name], { encoding: "utf8", env: { LANG: "C" } });
  return /^Status: .* installed$/m.test(stdout ?? "");
}

/**
 * The Debian packages that the named languages lack: those of a toolchain whose programs are not found, and libraries
 * that are not installed. Names may be aliases. Throws `unknown-language`.
 */
export async function missingPackages(
  names: readonly string[],
  folders: readonly string[] = [],
): Promise<readonly string[]> {
  const wanted = new Set(names.map(resolveLanguage));
  const missing = new Set<string>();
  for (const runtime of runtimes()) {
    if (!wanted.has(runtime.name)) continue;
    const lacksTools = "missing" in findToolchain(runtime, folders);
    for (const name of lacksTools ? runtime.packages : []) missing.add(name);
    for (const name of runtime.dataPackages) if (!isInstalled(name)) missing.add(name);
  }
  return [...missing];
}
