/**
 * `glovebox run`: the way of an execution inside this process. Everything that the caller can get wrong is
 * checked before the sandbox is made; standard input is read while it is being made.
 */
import type { Execution } from "@glovebox/protocol";
import { checkCompilerOptions, resolveRuntime } from "@glovebox/sandbox";
import { type Config, type Flags, namingSettings, readConfig, sandboxOptions } from "@glovebox/server/config";
import { createEngine, type Run } from "@glovebox/server/engine";
import { listFlag } from "../arguments/list-flag.ts";
import { mistake } from "../arguments/mistake.ts";
import { namingOptions } from "../arguments/option-of-field.ts";
import { type PreparedRequest, prepareRequest, type RunCall } from "../arguments/request.ts";
import { readToEnd } from "../arguments/stdin.ts";
import { type ProgramStdin, planStdin } from "../arguments/stdin-plan.ts";
import { parseNumber } from "../arguments/values.ts";
import { exitStatus, outputGone, sandboxFault, usageError } from "../output/exit-status.ts";
import { Interrupts } from "../output/interrupts.ts";
import { prepareOutFolder, writeOutFiles } from "../output/out-folder.ts";
import { printable } from "../output/printable.ts";
import { reportProblem } from "../output/problem-text.ts";
import { executionLines, writtenLine } from "../output/report.ts";
import { Sink } from "../output/sink.ts";
import { effectiveLimits, type StageLimits } from "./effective-limits.ts";
import { processEnvironment, type RunEnvironment } from "./run-environment.ts";

/** What is known before anything is started. */
interface Prepared extends PreparedRequest {
  readonly config: Config;
  readonly language: string;
  readonly limits: StageLimits;
  readonly graceMs: number;
  readonly artifactsDir: string | undefined;
  readonly bringStdin: () => Promise<ProgramStdin>;
}

/** Runs one program and gives the exit status. Never throws: problems are reported on stderr. */
export async function run(call: RunCall, environment: RunEnvironment = processEnvironment()): Promise<number> {
  const interrupts = new Interrupts(environment.signals);
  const settings = { ...listFlag("waive", call.flags.waive), ...listFlag("toolchains", call.flags.toolchain) };
  try {
    const prepared = await untilInterrupted(interrupts, prepare(call, settings, environment));
    return prepared === undefined ? (interrupts.status ?? 0) : await execute(prepared, call, environment, interrupts);
  } catch (error) {
    return reportProblem(namingOptions(namingSettings(error, settings)), environment.stderr);
  } finally {
    interrupts.release();
  }
}

async function prepare(call: RunCall, settings: Flags, { variables, stdin }: RunEnvironment): Promise<Prepared> {
  const { flags } = call;
  const config = readConfig(variables, settings);
  const graceMs = Math.round(parseNumber("--grace", flags.grace ?? "2") * 1_000);
  const bringStdin = await planStdin(call, stdin);
  const request = await prepareRequest(call, async () => decode(await readToEnd(stdin.stream())));
  const { runtime } = resolveRuntime(request.parsed.request.language, request.parsed.request.entry);
  checkCompilerOptions(runtime, request.parsed.request.compilerOptions ?? []);
  const limits = effectiveLimits(request.parsed.request, runtime, config);
  const artifactsDir = flags.out === undefined ? undefined : await prepareOutFolder(flags.out);
  return { ...request, config, language: runtime.name, graceMs, bringStdin, artifactsDir, limits };
}

function decode(program: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(program);
  } catch (cause) {
    throw mistake("-", "the program on stdin is not UTF-8; give it as FILE", cause);
  }
}

/** Undefined when a signal came first. */
function untilInterrupted<T>(interrupts: Interrupts, work: Promise<T>): Promise<T | undefined> {
  const interrupted = new Promise<undefined>((resolve) => interrupts.onStop(() => resolve(undefined)));
  return Promise.race([work, interrupted]);
}

async function execute(
  prepared: Prepared,
  call: RunCall,
  environment: RunEnvironment,
  interrupts: Interrupts,
): Promise<number> {
  const bringing = prepared.bringStdin();
  bringing.catch(() => {});
  const sandboxes = await environment.open({
    ...sandboxOptions(prepared.config),
    preload: [],
    languages: [prepared.language],
    pool: { min: 1, max: 1 },
  });
  try {
    const stdin = await untilInterrupted(interrupts, bringing);
    if (stdin === undefined) return interrupts.status ?? 0;
    const { artifactsDir } = prepared;
    const json = call.flags.json === true;
    const run = createEngine(sandboxes).start(prepared.parsed, {
      sources: { files: prepared.files, ...(stdin.source === undefined ? {} : { stdin: stdin.source }) },
      collectOutput: json,
      ...(artifactsDir === undefined ? {} : { artifactsDir }),
      ...(stdin.warning === undefined ? {} : { warnings: [stdin.warning] }),
    });
    interrupts.onStop((hard) => run.cancel(hard ? {} : { graceMs: prepared.graceMs }));
    const status = await follow(run, json, prepared, environment);
    return interrupts.status ?? status;
  } finally {
    await sandboxes.close();
  }
}

/** Passes the output on, says what is to say about the end, and gives the exit status. */
async function follow(run: Run, json: boolean, prepared: Prepared, environment: RunEnvironment): Promise<number> {
  const stdout = new Sink(environment.stdout, () => run.cancel());
  const stderr = new Sink(environment.stderr, () => {});
  const pump = json ? Promise.resolve() : passOutput(run, stdout, stderr);
  pump.catch(() => {});
  const execution = await run.result;
  await pump;
  if (json) await stdout.write(`${JSON.stringify(execution)}\n`);

  const lines = json ? [] : executionLines(execution, prepared.limits, prepared.artifactsDir !== undefined);
  let failed = false;
  if (prepared.artifactsDir !== undefined) {
    const { names, failures } = await writeOutFiles(prepared.artifactsDir, execution);
    lines.push(...writtenLine(prepared.artifactsDir, names), ...failures);
    failed = failures.length > 0;
  }
  if (stdout.failure !== undefined) lines.push(`cannot write to stdout: ${stdout.failure.message}`);
  const quiet = stdout.gone && stdout.failure === undefined;
  if (!quiet) await say(stderr, lines);
  return statusOf(execution, stdout, failed);
}

/** Says what is ours in lines of its own: a program that was stopped may have left a line without its end. */
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

function statusOf(execution: Execution, stdout: Sink, failed: boolean): number {
  if (stdout.failure !== undefined) return sandboxFault;
  if (stdout.gone) return outputGone;
  const status = exitStatus(execution.outcome);
  return status === 0 && failed ? usageError : status;
}
