/**
 * Where programs run, as the commands see it: in sandboxes that this process makes, or on a server. A command takes one
 * way, and the adapters pass one suite of promises (`target-suite.ts`).
 */
import type { FinishedExecution, HostRequest, Language, LanguageQuery } from "@glovebox/protocol";

export interface Target {
  /**
   * Starts one program. Never throws: what goes wrong rejects `end`. What the caller can get wrong is told before
   * anything is made for the program.
   */
  run(request: HostRequest, io: TargetIo): TargetRun;
  /** Every language that there is, or those named. Rejects with `unknown-language`. */
  languages(query: LanguageQuery): Promise<readonly Language[]>;
  /** The language that the program of an interpreter runs, `python3.11` for instance, and the names of all there are. */
  languageOfInterpreter(program: string): Promise<{ readonly language?: string; readonly known: readonly string[] }>;
  /** Gives back everything that was made for its runs, which have ended or end now. */
  close(): Promise<void>;
}

/** Standard input that the program gets from ours. */
export interface BroughtStdin {
  readonly bytes?: Uint8Array;
  /** What its caller has to know of it. */
  readonly warning?: string;
}

/** How one run is followed. */
export interface TargetIo {
  /** Brings standard input that is not in the request, while what runs the program is made ready. Called once. */
  readonly stdin?: () => Promise<BroughtStdin>;
  /** Why there is no standard input, for a program that reads it all the same. */
  readonly stdinEmptyBecause?: string;
  /**
   * Takes output as it comes; what has been given is awaited before more is read, so that a slow reader slows the
   * program. Without it the record has the output.
   */
  readonly output?: (stream: "stdout" | "stderr", data: Uint8Array) => void | Promise<void>;
  /** Folder for the program's files, which is there. */
  readonly outFolder?: string | undefined;
  /** For the record, before the warnings of others. */
  readonly warnings?: readonly string[];
}

export interface TargetRun {
  /**
   * How it ended, after the last output was taken. Rejects with a `ProblemError` when nothing was started, or when the
   * server is lost, and with `CancelledEarly`.
   */
  readonly end: Promise<TargetEnd>;
  /** Stops the program: gently first when `graceMs` is given. */
  cancel(how?: { readonly graceMs?: number }): void;
}

export interface TargetEnd {
  readonly execution: FinishedExecution;
  /** The program's files that are in the folder now. */
  readonly written: readonly string[];
  /** The others, a line each: which and why. */
  readonly notWritten: readonly string[];
}

/** A run was cancelled before it had an end to tell. */
export class CancelledEarly extends Error {
  constructor() {
    super("the run was cancelled before it had an end");
  }
}

/** The warning of events that were dropped because their reader was far behind. */
export function cutWarning({ from, seq }: { readonly from: number; readonly seq: number }): string {
  const count = seq - from + 1;
  return `output may be missing: it was read too late, and ${count === 1 ? "1 event was" : `${count} events were`} dropped`;
}

/** What work comes to; rejects with `CancelledEarly` as soon as the signal aborts, whatever becomes of the work. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  let leave = () => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(new CancelledEarly());
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave);
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
