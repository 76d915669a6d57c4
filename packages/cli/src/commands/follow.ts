/** What a caller sees of a run, wherever it runs: its output as it comes, what is said of its end, the exit status. */
import type { FinishedExecution } from "@glovebox/protocol";
import type { Run } from "@glovebox/server/engine";
import { exitStatus, outputGone, sandboxFault, usageError } from "../output/exit-status.ts";
import { writeOutFiles } from "../output/out-folder.ts";
import { printable } from "../output/printable.ts";
import { executionLines, writtenLine } from "../output/report.ts";
import { type Line, Sink, shareTerminal } from "../output/sink.ts";
import type { RunEnvironment } from "./run-environment.ts";

export interface Following {
  /** Print the record instead of the output. */
  readonly json: boolean;
  /** Folder for displays, results and variables; artifacts are there already. */
  readonly outFolder: string | undefined;
  /** Warnings that the record does not have. */
  readonly warnings?: readonly string[];
  /** Whether artifacts come out; where they do not, they are said to have stayed. */
  readonly bringsArtifacts: boolean;
}

/** Follows a run to its end and gives the exit status. Rejects with what its result rejects with. */
export async function follow(run: Run, following: Following, environment: RunEnvironment): Promise<number> {
  const { json, outFolder, warnings = [], bringsArtifacts } = following;
  const line: Line = { open: false };
  const together = shareTerminal(environment.stdout, environment.stderr);
  const stdout = new Sink(environment.stdout, () => run.cancel(), together ? line : undefined);
  const stderr = new Sink(environment.stderr, () => {}, line);
  const pump = json ? Promise.resolve() : passOutput(run, stdout, stderr);
  pump.catch(() => {});
  const record = await run.result.catch((error: unknown) => {
    if (stdout.gone && stdout.failure === undefined) return undefined; // what we cancelled may have no end to tell
    throw error;
  });
  if (record === undefined) return outputGone;
  await pump;
  const execution = { ...record, warnings: [...warnings, ...record.warnings] };
  if (json) await stdout.write(`${JSON.stringify(execution)}\n`);

  const lines = json ? [] : executionLines(execution, outFolder !== undefined);
  let failed = false;
  if (outFolder !== undefined) {
    const brought = bringsArtifacts ? execution : { ...execution, artifacts: [] };
    const { names, failures } = await writeOutFiles(outFolder, brought);
    lines.push(...writtenLine(outFolder, names), ...failures);
    failed = failures.length > 0;
    const stayed = execution.artifacts.length - brought.artifacts.length;
    if (stayed > 0)
      lines.push(`not written: ${stayed} ${stayed === 1 ? "file" : "files"}, which a server keeps no content of`);
  }
  if (stdout.failure !== undefined) lines.push(`cannot write to stdout: ${stdout.failure.message}`);
  const quiet = stdout.gone && stdout.failure === undefined;
  if (!quiet) await say(stderr, lines);
  return statusOf(execution, stdout, failed);
}

/** Says what is ours in lines of its own: a program may have left a line without its end, a prompt for instance. */
async function say(stderr: Sink, lines: readonly string[]): Promise<void> {
  if (stderr.inLine && lines.length > 0) await stderr.write("\n");
  for (const line of lines) await stderr.write(`glovebox: ${printable(line, 2_000)}\n`);
}

async function passOutput(run: Run, stdout: Sink, stderr: Sink): Promise<void> {
  for await (const event of run.events()) {
    if (event.type === "stdout") await stdout.write(event.data);
    else if (event.type === "stderr") await stderr.write(event.data);
  }
}

function statusOf(execution: FinishedExecution, stdout: Sink, failed: boolean): number {
  if (stdout.failure !== undefined) return sandboxFault;
  if (stdout.gone) return outputGone;
  const status = exitStatus(execution.outcome);
  return status === 0 && failed ? usageError : status;
}
