import { join } from "node:path";
import type { FinishedExecution } from "@glovebox/protocol";
import type { ExecutionSpec, Sandboxes, SandboxOptions } from "../../src/index.ts";
import { descendants } from "./processes.ts";
import { program, sharedSandboxes, temporaryFolder } from "./sandboxes.ts";

export interface CSandboxes {
  /** A folder for the tests of the file. */
  readonly folder: () => string;
  readonly sandboxes: () => Sandboxes;
  readonly run: (spec: ExecutionSpec) => Promise<FinishedExecution>;
}

/** One set of sandboxes for all tests of a file, with C ready and a cache that nothing is in yet. */
export function cSandboxes(): CSandboxes {
  const folder = temporaryFolder();
  const sandboxes = sharedSandboxes(() => ({ languages: ["c"], cacheDir: join(folder(), "shared-cache") }));
  return { folder, sandboxes, run: (spec) => sandboxes().execute(spec).result };
}

/** Options of small sandboxes with C ready and this cache. */
export function withCache(cacheDir: string): SandboxOptions {
  return { languages: ["c"], cacheDir, pool: { min: 1, max: 2 } };
}

export const c = (code: string, more: ExecutionSpec = {}): ExecutionSpec => ({ language: "c", code, ...more });

/** A program that prints a text; each text is another program. */
export const says = (text: string) => program("#include <stdio.h>", `int main(void) { puts("${text}"); return 0; }`);

/** A program that says that it is ready, and waits for its end. */
export const sleeper = program(
  "#include <stdio.h>",
  "#include <unistd.h>",
  'int main(void) { puts("ready"); fflush(stdout); sleep(60); }',
);

/** A program whose compiler waits until it is stopped: a terminal that nobody writes to is no source. */
export const neverCompiled = '#include "/dev/ptmx"\nint main(void) { return 0; }\n';

/** The compilers that run now. */
export const compilers = () => descendants().filter(({ name }) => name === "cc1");
