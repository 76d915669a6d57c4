import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { maxFiles } from "@glovebox/protocol";
import ignore from "ignore";
import { mistake, unreadable } from "./mistake.ts";

export interface FolderFiles {
  /** The regular files, as paths below the folder with '/' between segments. */
  readonly names: readonly string[];
  /** Links, devices, pipes and sockets: none is followed or read. */
  readonly passedOver: number;
}

/**
 * Every regular file below a folder of the host, in the order of their names, but those that `exclude` names in the
 * patterns of a .gitignore file. Throws `unreadable-file`, and `invalid-request` for more files than a request may have.
 */
export async function filesOfFolder(folder: string, exclude: readonly string[]): Promise<FolderFiles> {
  const excluded = ignore().add([...exclude]);
  const names: string[] = [];
  let passedOver = 0;

  async function walk(below: string): Promise<void> {
    const path = join(folder, below);
    let entries: Dirent[];
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (cause) {
      throw unreadable("--file", path, cause);
    }
    entries.sort((one, other) => (one.name < other.name ? -1 : 1));
    for (const entry of entries) {
      const name = `${below}${entry.name}`;
      if (entry.name.includes("\ufffd") && !excluded.ignores(name)) {
        throw mistake("--file", `${JSON.stringify(join(path, entry.name))} has a name that is not UTF-8; rename it`);
      }
      if (entry.isDirectory()) {
        if (!excluded.ignores(`${name}/`)) await walk(`${name}/`);
      } else if (excluded.ignores(name)) continue;
      else if (entry.isFile()) names.push(name);
      else passedOver += 1;
      if (names.length > maxFiles) {
        const mend = "leave some out with --exclude PATTERN";
        throw mistake("--file", `${JSON.stringify(folder)} has more than ${maxFiles} files; ${mend}`);
      }
    }
  }

  await walk("");
  return { names, passedOver };
}
