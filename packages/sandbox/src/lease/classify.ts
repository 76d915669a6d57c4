import type { Isolation, Outcome, ProgramError } from "@glovebox/protocol";

/** How the languages say EAGAIN, and Java that it got no thread. */
const tryAgain = /^\[Errno 11\]|\bEAGAIN\b|[Rr]esource temporarily unavailable|unable to create native thread/;
/** Where EAGAIN means a refused process rather than input that is not there yet: in the message, or on the failing line. */
const startsProcess = /fork|spawn|Popen|[Pp]rocess|system|start|thread/;
/** How the languages say that a descriptor was refused (EMFILE). */
const tooManyFiles = /\bEMFILE\b|[Tt]oo many open files/;

/** Whether the program has failed by itself. */
export function hasFailed(outcome: Outcome): boolean {
  return outcome.kind === "signalled" || (outcome.kind === "exited" && outcome.code !== 0);
}

/**
 * Adds to an outcome what only the program's own error tells: limits that it met as errors of calls. `outOfMemory`:
 * patterns of errors by which a runtime that keeps its own heap says that the memory limit is met.
 */
export function classify(
  outcome: Outcome,
  error: ProgramError | null,
  isolation: Isolation,
  outOfMemory: readonly string[] = [],
): Outcome {
  if (error === null || !hasFailed(outcome)) return outcome;
  const { stage, violations } = outcome;
  const { type, message, traceback, frames } = error;
  const sampled = isolation.cgroups === "none";
  if (
    (sampled && type === "MemoryError") ||
    (outcome.kind === "exited" && outOfMemory.some((pattern) => new RegExp(pattern).test(`${type}: ${message}`)))
  ) {
    return { kind: "out-of-memory", stage, violations };
  }
  const met = new Set(violations);
  if (message.startsWith("[Errno 24]") || tooManyFiles.test(message)) met.add("openFiles");
  // A program that is refused a process and ends at once is gone before it is looked at.
  const failing = [message, frames.at(-1)?.source, ...lastLines(traceback)].join(" ");
  if (sampled && tryAgain.test(message) && startsProcess.test(failing)) met.add("processes");
  return met.size === violations.length ? outcome : { ...outcome, violations: [...met].sort() };
}

/** The end of a traceback: the line that failed, which may be a library's and in no frame, and the message. */
function lastLines(traceback: string): string[] {
  const lines = traceback.trimEnd().split("\n").slice(-4);
  return lines.filter((line) => !line.trimStart().startsWith('File "'));
}
