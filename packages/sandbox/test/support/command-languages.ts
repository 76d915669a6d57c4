import type { FinishedExecution } from "@glovebox/protocol";
import type { ExecutionSpec, Sandboxes } from "../../src/index.ts";
import { program, sharedSandboxes } from "./sandboxes.ts";

export interface CommandLanguages {
  readonly sandboxes: () => Sandboxes;
  readonly run: (spec: ExecutionSpec) => Promise<FinishedExecution>;
  readonly perl: (lines: string | readonly string[], more?: ExecutionSpec) => Promise<FinishedExecution>;
}

/** One set of sandboxes for all tests of a file, with two languages ready whose programs a command starts. */
export function commandLanguages(): CommandLanguages {
  const sandboxes = sharedSandboxes({ languages: ["perl", "lua"] });
  const run = (spec: ExecutionSpec) => sandboxes().execute(spec).result;
  const perl = (lines: string | readonly string[], more: ExecutionSpec = {}) =>
    run({ language: "perl", code: typeof lines === "string" ? lines : program(...lines), ...more });
  return { sandboxes, run, perl };
}
