import type {
  ExecutionSpec,
  FinishedExecution,
  Isolation,
  Language,
  LanguageQuery,
  ProgramEvent,
  SandboxStats,
} from "@glovebox/protocol";

export type { ExecutionSpec, SandboxStats, SpecFile } from "@glovebox/protocol";

export interface RunOptions {
  /** Keep stdout and stderr for the result; false when the caller reads them as events. Default true. */
  readonly collectOutput?: boolean;
  /** Folder of the host into which the artifacts are written. */
  readonly artifactsDir?: string;
  /** Warnings to carry into the result. */
  readonly warnings?: readonly string[];
}

export type RunEvent =
  | (Extract<ProgramEvent, { type: "started" }> & { readonly id: string })
  | Exclude<ProgramEvent, { type: "started" }>
  | { readonly type: "finished"; readonly execution: FinishedExecution };

export interface Run {
  readonly id: string;
  /** To be read once, from the start of the run on; a slow reader slows the program. */
  events(): AsyncIterable<RunEvent>;
  /** Rejects with a `ProblemError` when nothing was started; how a started program ends is a value. */
  readonly result: Promise<FinishedExecution>;
  /** Stops the program: gently first when `graceMs` is given. */
  cancel(options?: { readonly graceMs?: number }): void;
}

/** What the engine needs of whatever runs programs in isolation. Opening and closing it is not the engine's. */
export interface SandboxPort {
  readonly isolation: Isolation;
  /** Starts one program. Never throws: mistakes reject `run.result`. */
  execute(spec: ExecutionSpec, options?: RunOptions): Run;
  stats(): SandboxStats;
  /** Every language, or those named, with its version on this host or the command that installs it. */
  languages(query?: LanguageQuery): Promise<readonly Language[]>;
}
