import type { Writable } from "node:stream";
import { ProblemError, problems } from "@glovebox/protocol";
import { sandboxFault, usageError } from "./exit-status.ts";
import { printable } from "./printable.ts";

/** A problem in lines for a person: each broken option with what to change, else the reason and the advice. */
function problemLines(error: unknown): string[] {
  if (!(error instanceof ProblemError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `internal error: ${text}`.split("\n");
  }
  if (error.errors.length > 0) return error.errors.map(({ field, message }) => `${field}: ${message}`);
  return [error.message, problems[error.code].advice];
}

/** The caller's mistake is a usage error; a state of the host is not. */
function problemStatus(error: unknown): number {
  return error instanceof ProblemError && problems[error.code].status < 500 ? usageError : sandboxFault;
}

/** Writes a problem to stderr and gives the exit status for it. */
export function reportProblem(error: unknown, stderr: Writable): number {
  for (const line of problemLines(error)) stderr.write(`glovebox: ${printable(line, 4_000)}\n`);
  return problemStatus(error);
}
