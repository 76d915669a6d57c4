import type { Writable } from "node:stream";
import { ProblemError, problems } from "@glovebox/protocol";
import { sandboxFault, usageError } from "./exit-status.ts";
import { printable } from "./printable.ts";

/**
 * A problem in lines for a person: each broken option of the caller's with what to change; of a state of the host the
 * reason and the advice, because no option alone says what that is.
 */
function problemLines(error: unknown): string[] {
  if (!(error instanceof ProblemError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `internal error: ${text}`.split("\n");
  }
  if (error.errors.length > 0 && isMistake(error))
    return error.errors.map(({ field, message }) => `${field}: ${message}`);
  return [error.message, problems[error.code].advice];
}

/** Whether the caller can mend it; a state of the host is no mistake. */
function isMistake(error: unknown): boolean {
  return error instanceof ProblemError && problems[error.code].status < 500;
}

/** Writes a problem to stderr and gives the exit status for it. */
export function reportProblem(error: unknown, stderr: Writable): number {
  for (const line of problemLines(error)) stderr.write(`glovebox: ${printable(line, 4_000)}\n`);
  return isMistake(error) ? usageError : sandboxFault;
}
