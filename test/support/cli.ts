/** What the tests of the command line share. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "./child.ts";
import { glovebox } from "./glovebox.ts";
import { scratchFolder } from "./scratch.ts";

/** Runs `glovebox run` to its end. */
export const run = (...args: readonly string[]) => glovebox(["run", ...args]);

/** What a user sees of an end. */
export const seen = ({ status, stdout, stderr }: Ended) => ({ status, stdout: stdout.toString(), stderr });

/** A scratch folder for the tests of one file. */
export function scratchFiles() {
  const scratch = scratchFolder();
  return {
    scratch,
    /** Writes a file into the folder and gives its path. */
    put(name: string, content: string | Uint8Array): string {
      const path = join(scratch(), name);
      writeFileSync(path, content);
      return path;
    },
    /** A folder of it that `--out` is to make. */
    outFolder: (name: string) => join(scratch(), name),
  };
}
