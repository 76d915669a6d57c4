import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runtimeFolders, runtimeRoot } from "./leftovers.ts";

/** The paths of what this process has staged now: files of runs with their folders, and the folders of products. */
export function staged(): string[] {
  return runtimeFolders().flatMap((instance) =>
    readdirSync(join(runtimeRoot, instance), { recursive: true, withFileTypes: true })
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => /\/inputs\/(products\/[^/]+$|(?!products(\/|$)))/.test(path)),
  );
}
