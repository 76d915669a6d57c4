import type { AlertLimit } from "./events.ts";
import type { Artifact, ProgramEnd } from "./execution.ts";
import type { Isolation } from "./isolation.ts";
import type { Limits } from "./limits.ts";
import type { Sample } from "./metrics.ts";
import type { HostRequest } from "./request.ts";
import type { Language, LanguageQuery } from "./runtime.ts";
import type { Display, Value } from "./value.ts";

/*
 * What runs programs, as whoever wants them run sees it. A request is resolved once, into a `Program`; what is checked
 * of it is what runs. A run has events, which are pushed, and an end. It has no identity beyond the `id` that it was
 * given, no status and no place where it is kept: these are an execution's, which the engine owns.
 */

/** A file of a program: text or bytes, or a file of the host that is too large to be program text. */
export type Source =
  | { readonly name: string; readonly content: string | Uint8Array }
  | { readonly name: string; readonly path: string; readonly size: number };

/** One program with everything that decides how it runs. Made by `Programs.resolve` alone. */
export interface Program {
  /** The name of its language, not an alias. */
  readonly language: string;
  /** The program itself, or: */
  readonly code?: string;
  /** the name of the file in `files` that is run. */
  readonly entry?: string;
  readonly files: readonly Source[];
  readonly stdin?: string | Uint8Array | { readonly path: string };
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, Value>>;
  readonly data: Value;
  readonly limits: Limits;
  /** Those of the compiler, for a language that has one. */
  readonly compileLimits?: Limits;
  readonly compilerOptions: readonly string[];
  readonly returnVariables: readonly string[];
  readonly sampleIntervalMs?: number;
  readonly metadata?: Readonly<Record<string, Value>>;
  /** What was corrected or cannot be done, for the record. */
  readonly warnings: readonly string[];
}

/** The limits that a policy gives: those of who asks for none, and the highest that may be asked for. */
export interface Profile {
  readonly defaults: Limits;
  readonly ceiling: Limits;
}

/** What a run tells while it goes on. Output is bytes as the program wrote them. */
export type ProgramEvent =
  | { readonly type: "started"; readonly isolation: Isolation }
  | { readonly type: "stdout" | "stderr"; readonly data: Uint8Array }
  | { readonly type: "display"; readonly data: Display }
  | { readonly type: "result"; readonly name: string; readonly value: Value }
  | { readonly type: "progress"; readonly fraction: number | null; readonly message: string | null }
  | { readonly type: "metrics"; readonly sample: Sample }
  | { readonly type: "alert"; readonly limit: AlertLimit; readonly used: number; readonly allowed: number };

/** Takes the content of the files that a program made, one file after the other. */
export interface ArtifactSink {
  /**
   * A file begins. False when its content is not wanted: it is measured and hashed all the same. Throws when it cannot
   * be taken; the error's message becomes a warning, and the file is not among the artifacts.
   */
  begin(path: string, size: number): boolean;
  /** A piece of the content, valid during the call. The sandbox is not read while a promise is pending. */
  write(chunk: Uint8Array): void | Promise<void>;
  /** The file is complete. */
  end(artifact: Artifact): void | Promise<void>;
  /** Nothing more comes; a file that was begun stays incomplete. Called once. */
  close(): void | Promise<void>;
}

/** How one run goes. */
export interface RunIo {
  /** Names the run to the program and in the host's files. Unique among the runs of a host. */
  readonly id: string;
  /** Cancels the run when it aborts, without a grace. */
  readonly signal?: AbortSignal;
  /** Gets every event, in order. False asks to read no more of the sandbox until `resume()`. */
  readonly on?: (event: ProgramEvent) => boolean;
  /** Keep stdout and stderr for the end. Default true; false where `on` passes them on. */
  readonly collectOutput?: boolean;
  /** Without it artifacts are measured and hashed. */
  readonly artifacts?: ArtifactSink;
  /** Time to wait for a sandbox before `sandbox-busy`, in milliseconds; infinite for a run that may wait. */
  readonly waitMs?: number;
}

export interface ProgramRun {
  /**
   * How it ended. Rejects with a `ProblemError` when nothing was started (`language-unavailable`, `sandbox-busy`,
   * `closed`); what happens to a started program is an outcome, never a rejection.
   */
  readonly end: Promise<ProgramEnd>;
  /** Stops the program: SIGINT first when `graceMs` is given, and SIGKILL for everything after it. */
  cancel(how?: { readonly graceMs?: number }): void;
  /** Goes on reading what `on` had stopped. */
  resume(): void;
}

/** Counts of the sandboxes, for health and metrics pages. */
export interface SandboxStats {
  readonly parked: number;
  readonly running: number;
  readonly waiting: number;
  readonly started: number;
}

/** Runs programs in isolation. Opening and closing it is its maker's. */
export interface Programs {
  /** What isolates programs on this host where nothing else is asked for. */
  readonly isolation: Isolation;
  /**
   * Resolves a request that was parsed: language, limits within the profile, files read or looked at. Rejects with
   * `invalid-request`, `unknown-language`, `limit-over-ceiling`, `language-unavailable` and `unreadable-file`. Without a
   * profile the host's own limits hold.
   */
  resolve(request: HostRequest, profile?: Profile): Promise<Program>;
  /** Starts one program in a fresh sandbox. Never throws: what goes wrong rejects `end`. */
  run(program: Program, io: RunIo): ProgramRun;
  stats(): SandboxStats;
  /** Every language, or those named, with its version on this host or the command that installs it. */
  languages(query?: LanguageQuery): Promise<readonly Language[]>;
}
