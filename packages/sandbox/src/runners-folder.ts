import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * Places that are found from this module, which is seen from `src` and `dist` of its package and from `dist` of the CLI,
 * whose build takes it in: folders at the same depth.
 */

/** Where the programs that run inside the walls are kept. */
export const runnersFolder = fileURLToPath(new URL("../../../runners/", import.meta.url));

/** What the build made of part of it, see nursery/archive.ts. */
export const builtArchive = fileURLToPath(new URL("../../sandbox/dist/runners.zip", import.meta.url));

/** Finds the npm packages that runners need as this package does, wherever its modules were taken in. */
export function packageFolder(name: string): string {
  const { resolve } = createRequire(new URL("../../sandbox/package.json", import.meta.url));
  return dirname(resolve(`${name}/package.json`));
}
