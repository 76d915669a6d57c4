/**
 * `glovebox run`: one program, in sandboxes that this process makes or on a server. Everything that the caller can get
 * wrong is checked before anything is started.
 */
import "./schemas-of-one-use.ts";
import { languageToAskFor, namingExtension } from "../arguments/language.ts";
import { namingOptions } from "../arguments/option-of-field.ts";
import { readProgramText } from "../arguments/program-text.ts";
import { prepareRequest, type RunCall } from "../arguments/request.ts";
import { planStdin } from "../arguments/stdin-plan.ts";
import { parseOptionAmount } from "../arguments/values.ts";
import { Interrupts } from "../output/interrupts.ts";
import { prepareOutFolder } from "../output/out-folder.ts";
import { reportProblem } from "../output/problem-text.ts";
import { namingSettings, openTarget } from "../target/open-target.ts";
import { CancelledEarly, type Target } from "../target/target.ts";
import { follow } from "./follow.ts";
import { processEnvironment, type RunEnvironment } from "./run-environment.ts";

/** Runs one program and gives the exit status. Never throws: problems are reported. */
export async function run(call: RunCall, environment: RunEnvironment = processEnvironment()): Promise<number> {
  const { flags, file } = call;
  const { stdout, stderr, variables, open } = environment;
  const interrupts = new Interrupts(environment.signals);
  try {
    const target = await openTarget(flags, variables, open);
    try {
      return await runOn(target, call, environment, interrupts);
    } finally {
      await target.close();
    }
  } catch (error) {
    if (error instanceof CancelledEarly) {
      stderr.write("glovebox: cancelled\n");
      return interrupts.status ?? 130;
    }
    const problem = namingOptions(namingExtension(await namingSettings(error, flags), file));
    return reportProblem(problem, stderr, flags.json === true ? stdout : undefined);
  } finally {
    interrupts.release();
  }
}

async function runOn(
  target: Target,
  call: RunCall,
  environment: RunEnvironment,
  interrupts: Interrupts,
): Promise<number> {
  const prepared = await interrupts.unlessStopped(prepare(target, call, environment));
  if (prepared === undefined) throw new CancelledEarly();
  const { graceMs, ...following } = prepared;
  const status = await follow(target, following, environment, (cancel) =>
    interrupts.onStop((hard) => cancel(hard ? {} : { graceMs })),
  );
  return interrupts.status ?? status;
}

async function prepare(target: Target, call: RunCall, { stdin: own }: RunEnvironment) {
  const { flags } = call;
  const graceMs = parseOptionAmount("--grace", { of: "time", unit: "s" }, flags.grace ?? "2");
  const stdin = await planStdin(call, own);
  const { request, warnings } = await prepareRequest(call, {
    readProgram: () => readProgramText(own.stream()),
    languageOf: (file, beginning) => languageToAskFor(file, beginning, target),
    stdin: stdin.path,
  });
  const outFolder = flags.out === undefined ? undefined : await prepareOutFolder(flags.out);
  return { graceMs, request, warnings, stdin, outFolder, json: flags.json === true };
}
