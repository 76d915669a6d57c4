import type { Writable } from "node:stream";
import { type Problem, ProblemError, problems } from "@glovebox/protocol";
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

/** The problem that an error is for whoever reads JSON. What is not meant for a caller is told on stderr alone. */
function asProblem(error: unknown): Problem {
  const known =
    error instanceof ProblemError ? error : new ProblemError("internal-error", "see the messages on stderr");
  return known.toProblem();
}

/**
 * Writes a problem to stderr and gives the exit status for it. With `json`, the stdout of a command that was asked for
 * JSON, the problem is also the one object there.
 */
export function reportProblem(error: unknown, stderr: Writable, json?: Writable): number {
  json?.write(`${JSON.stringify(asProblem(error))}\n`);
  for (const line of problemLines(error)) stderr.write(`glovebox: ${printable(line, 4_000)}\n`);
  return isMistake(error) ? usageError : sandboxFault;
}
