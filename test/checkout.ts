import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folder of the checkout. */
export const root = dirname(import.meta.dirname);

const notOurs = new Set(["node_modules", "dist", ".git", ".glovebox", "__pycache__", "coverage"]);

/** Paths, relative to the checkout, of the files that are written by people, below a folder of it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (notOurs.has(entry.name)) return [];
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}
