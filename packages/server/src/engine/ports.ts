import type {
  AlertLimit,
  Display,
  Execution,
  Isolation,
  Language,
  LanguageQuery,
  Limits,
  Sample,
  Value,
} from "@glovebox/protocol";

/** A file for the working directory, from memory or from a path of the host. */
export type SpecFile =
  | { readonly name: string; readonly content: string | Uint8Array }
  | { readonly name: string; readonly path: string };

/** One program to run: a request whose sources are resolved. */
export interface ExecutionSpec {
  readonly language?: string;
  readonly code?: string;
  readonly files?: readonly SpecFile[];
  readonly entry?: string;
  readonly stdin?: string | Uint8Array | { readonly path: string };
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, Value>>;
  readonly data?: Value;
  readonly limits?: Partial<Limits>;
  readonly compileLimits?: Partial<Limits>;
  readonly compilerOptions?: readonly string[];
  readonly returnVariables?: readonly string[];
  readonly sampleIntervalMs?: number;
  readonly metadata?: Readonly<Record<string, Value>>;
}

export interface RunOptions {
  /** Keep stdout and stderr for the result; false when the caller reads them as events. Default true. */
  readonly collectOutput?: boolean;
  /** Folder of the host into which the artifacts are written. */
  readonly artifactsDir?: string;
  /** Warnings to carry into the result. */
  readonly warnings?: readonly string[];
}

export type RunEvent =
  | { readonly type: "started"; readonly id: string; readonly isolation: Isolation }
  | { readonly type: "stdout" | "stderr"; readonly data: Uint8Array }
  | { readonly type: "display"; readonly data: Display }
  | { readonly type: "result"; readonly name: string; readonly value: Value }
  | { readonly type: "progress"; readonly fraction: number | null; readonly message: string | null }
  | { readonly type: "metrics"; readonly sample: Sample }
  | { readonly type: "alert"; readonly limit: AlertLimit; readonly used: number; readonly allowed: number }
  | { readonly type: "finished"; readonly execution: Execution };

export interface Run {
  readonly id: string;
  /** To be read once, from the start of the run on; a slow reader slows the program. */
  events(): AsyncIterable<RunEvent>;
  /** Rejects with a `ProblemError` when nothing was started; how a started program ends is a value. */
  readonly result: Promise<Execution>;
  /** Stops the program: gently first when `graceMs` is given. */
  cancel(options?: { readonly graceMs?: number }): void;
}

export interface SandboxStats {
  readonly parked: number;
  readonly running: number;
  readonly waiting: number;
  readonly started: number;
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
