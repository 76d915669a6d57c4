import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolveLanguage, runtimes } from "./registry.ts";
import { checkToolchainFolders, findToolchain } from "./toolchain.ts";

/** Debian's list of packages; elsewhere nothing says under which names libraries are there. */
const packageQuery = "/usr/bin/dpkg-query";

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync(packageQuery, ["--status", name], { encoding: "utf8", env: { LANG: "C" } });
  return /^Status: .* installed$/m.test(stdout ?? "");
}

/**
 * The Debian packages that the named languages lack: those of a toolchain whose programs are not found, and libraries
 * that are not installed (where dpkg can tell). Names may be aliases. Throws `unknown-language`, `invalid-configuration`.
 */
export async function missingPackages(
  names: readonly string[],
  folders: readonly string[] = [],
): Promise<readonly string[]> {
  checkToolchainFolders(folders);
  const wanted = new Set(names.map(resolveLanguage));
  const missing = new Set<string>();
  for (const runtime of runtimes()) {
    if (!wanted.has(runtime.name)) continue;
    const lacksTools = "missing" in findToolchain(runtime, folders);
    for (const name of lacksTools ? runtime.packages : []) missing.add(name);
    if (!existsSync(packageQuery)) continue;
    for (const name of runtime.dataPackages) if (!isInstalled(name)) missing.add(name);
  }
  return [...missing];
}
