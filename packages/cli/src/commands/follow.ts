/** What a caller sees of a run, wherever it runs: its output as it comes, what is said of its end, the exit status. */
import type { FinishedExecution, HostRequest } from "@glovebox/protocol";
import type { StdinPlan } from "../arguments/stdin-plan.ts";
import { exitStatus, outputGone, sandboxFault, usageError } from "../output/exit-status.ts";
import { writeOutFiles } from "../output/out-folder.ts";
import { printable } from "../output/printable.ts";
import { executionLines, writtenLine } from "../output/report.ts";
import { type Line, Sink, shareTerminal } from "../output/sink.ts";
import type { Target, TargetEnd, TargetIo, TargetRun } from "../target/target.ts";
import type { RunEnvironment } from "./run-environment.ts";

export interface Following {
  readonly request: HostRequest;
  /** Warnings that go into the record. */
  readonly warnings: readonly string[];
  readonly stdin: StdinPlan;
  /** Print the record instead of the output. */
  readonly json: boolean;
  /** Folder for files, displays, results and variables. */
  readonly outFolder: string | undefined;
}

/** Starts a run, follows it to its end and gives the exit status. `onCancel` gets what cancels it. */
export async function follow(
  target: Target,
  following: Following,
  environment: RunEnvironment,
  onCancel: (cancel: TargetRun["cancel"]) => void,
): Promise<number> {
  const { request, json, outFolder } = following;
  const line: Line = { open: false };
  const together = shareTerminal(environment.stdout, environment.stderr);
  const stdout = new Sink(environment.stdout, () => run.cancel(), together ? line : undefined);
  const stderr = new Sink(environment.stderr, () => {}, line);
  const output: TargetIo["output"] = (stream, data) => (stream === "stdout" ? stdout : stderr).write(data);
  const run = target.run(request, { ...ioOf(following), ...(json ? {} : { output }) });
  onCancel((how) => run.cancel(how));

  const end = await run.end.catch((error: unknown) => {
    if (stdout.gone && stdout.failure === undefined) return undefined; // what we cancelled may have no end to tell
    throw error;
  });
  if (end === undefined) return outputGone;
  if (json) await stdout.write(`${JSON.stringify(end.execution)}\n`);

  const { lines, failed } = await tell(end, json, outFolder);
  if (stdout.failure !== undefined) lines.push(`cannot write to stdout: ${stdout.failure.message}`);
  const quiet = stdout.gone && stdout.failure === undefined;
  if (!quiet) await say(stderr, lines);
  return statusOf(end.execution, stdout, failed);
}

function ioOf({ warnings, stdin: { bring, emptyBecause }, outFolder }: Following): TargetIo {
  return {
    warnings,
    ...(bring === undefined ? {} : { stdin: bring }),
    ...(emptyBecause === undefined ? {} : { stdinEmptyBecause: emptyBecause }),
    ...(outFolder === undefined ? {} : { outFolder }),
  };
}

/** What is to be said of an end, and whether something could not be written that should have been. */
async function tell({ execution, written, notWritten }: TargetEnd, json: boolean, outFolder: string | undefined) {
  const lines = json ? [] : executionLines(execution, outFolder !== undefined);
  if (outFolder === undefined) return { lines, failed: false };
  const { names, failures } = await writeOutFiles(outFolder, execution, written);
  lines.push(...writtenLine(outFolder, names), ...notWritten, ...failures);
  return { lines, failed: notWritten.length + failures.length > 0 };
}

/** Says what is ours in lines of its own: a program may have left a line without its end, a prompt for instance. */
async function say(stderr: Sink, lines: readonly string[]): Promise<void> {
  if (stderr.inLine && lines.length > 0) await stderr.write("\n");
  for (const line of lines) await stderr.write(`glovebox: ${printable(line, 2_000)}\n`);
}

function statusOf(execution: FinishedExecution, stdout: Sink, failed: boolean): number {
  if (stdout.failure !== undefined) return sandboxFault;
  if (stdout.gone) return outputGone;
  const status = exitStatus(execution.outcome);
  return status === 0 && failed ? usageError : status;
}
