import type {
  ExecutionSpec,
  FinishedExecution,
  IsolationFeature,
  Limits,
  ProgramEvent,
  Programs,
} from "@glovebox/protocol";

export type { ExecutionSpec, SandboxStats, SpecFile } from "@glovebox/protocol";

/** How to set up the sandboxes of one process. Every field has a default. */
export interface SandboxOptions {
  /** Libraries imported once, ahead of time, for programs that name them. Default: none. */
  readonly preload?: readonly string[];
  /** Bounds of the number of parked sandboxes kept ready for each pool. Default `{min: 1, max: 8}`. */
  readonly pool?: { readonly min?: number; readonly max?: number };
  /** Limits of a program that asks for none; merged over the built-in defaults. */
  readonly defaults?: Partial<Limits>;
  /** The highest limits that a program may ask for; merged over the built-in ceiling. */
  readonly ceiling?: Partial<Limits>;
  /** Isolation features that may be missing on this host. Default: none. */
  readonly waive?: readonly IsolationFeature[];
  /** `none` goes without cgroups even where they can be had; like their absence it must be waived. Default `auto`. */
  readonly cgroups?: "auto" | "none";
  /** Executions that run at the same time; others wait. Default: 4 for each core. */
  readonly concurrency?: number;
  /** Time to wait for a free sandbox in milliseconds before the problem `sandbox-busy`. Default 10 000. */
  readonly leaseTimeoutMs?: number;
  /** Languages that are made ready at the start; others from their first use on. Default `["python"]`. */
  readonly languages?: readonly string[];
  /** Absolute folders outside /usr in which toolchains are looked for first; sandboxes see them read-only. */
  readonly toolchains?: readonly string[];
  /**
   * Folder, of this user alone, that keeps what compilers make. Default: `glovebox` in the user's folder for caches.
   */
  readonly cacheDir?: string;
  /** Folder for sockets and staged files. Default: a private folder below the system's temporary folder. */
  readonly runtimeDir?: string;
  /**
   * Standard input of programs is empty, and a program that reads it has this warning in its record; a spec with `stdin`
   * is refused then. For a caller whose own standard input cannot be passed on. Default: programs get that of their spec.
   */
  readonly stdinWarning?: string;
  /** Receives one line for each thing an operator should know. Default: nothing is logged. */
  readonly log?: (line: string) => void;
}

/** How the caller wants to follow one run. */
export interface RunOptions {
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal;
  /**
   * Keep stdout and stderr for the result. Default true; false when the caller reads them as events,
   * so that memory stays bounded however much the program prints.
   */
  readonly collectOutput?: boolean;
  /** Folder into which the artifacts are written. Without it they are only measured and hashed. */
  readonly artifactsDir?: string;
  /** Warnings to carry into the result, for instance of corrections made to the request. */
  readonly warnings?: readonly string[];
}

/** The events of a run inside the host process. Like the protocol's events, with output as bytes. */
export type RunEvent =
  | (Extract<ProgramEvent, { type: "started" }> & { readonly id: string })
  | Exclude<ProgramEvent, { type: "started" }>
  | { readonly type: "finished"; readonly execution: FinishedExecution };

export interface Run {
  readonly id: string;
  /**
   * The events from the first to `finished`. May be read once, by one reader, from the call of
   * `execute` on; a slow reader slows the program. Not reading it costs nothing: without a reader
   * events are dropped and only the result is kept.
   */
  events(): AsyncIterable<RunEvent>;
  /**
   * The record of the run. Rejects with a `ProblemError` when nothing was started (bad request,
   * `sandbox-busy`, `closed`); what happens to a started program is an outcome, never a rejection.
   */
  readonly result: Promise<FinishedExecution>;
  /** Stops the program: SIGINT first when `graceMs` is given, and SIGKILL for everything after it. */
  cancel(options?: { readonly graceMs?: number }): void;
}

/**
 * The sandboxes of this process. Its programs can be run as such, for who keeps executions himself, or with `execute` as
 * executions that have an identity, events for a reader and a record. `languages` with `packages` runs a program in each
 * language and rejects as `execute` does.
 */
export interface Sandboxes extends Programs {
  /** Starts one program in a fresh sandbox. Never throws: mistakes reject `run.result`. */
  execute(spec: ExecutionSpec, options?: RunOptions): Run;
  /** Cancels what runs, destroys every sandbox and removes everything from the host. Idempotent. */
  close(): Promise<void>;
}

/** One requirement of the host as `doctor` found it. */
export interface Check {
  /** Stable name, for instance `user-namespaces`. */
  readonly id: string;
  readonly title: string;
  readonly status: "ok" | "degraded" | "missing";
  /** What was found. */
  readonly found: string;
  /** What is lost without it; empty when nothing is. */
  readonly cost: string;
  /** The command that mends it; null when none is needed or known. */
  readonly fix: string | null;
}

export interface Diagnosis {
  /** False when no sandbox can be made on this host. */
  readonly usable: boolean;
  readonly checks: readonly Check[];
}
