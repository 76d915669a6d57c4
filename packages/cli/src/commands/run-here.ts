/**
 * A run in sandboxes of this process, which are made for it: the way of an execution without a server. Standard input is
 * read while the sandbox is being made.
 */
import { checkCompilerOptions, resolveRuntime, type SandboxOptions } from "@glovebox/sandbox";
import { type Config, type Flags, readConfig, sandboxOptions } from "@glovebox/server/config";
import { createEngine } from "@glovebox/server/engine";
import { languageOf } from "../arguments/language.ts";
import { readProgramText } from "../arguments/program-text.ts";
import { type PreparedRequest, prepareRequest, type RunCall } from "../arguments/request.ts";
import { planStdin, type StdinPlan } from "../arguments/stdin-plan.ts";
import { parseOptionAmount } from "../arguments/values.ts";
import type { Interrupts } from "../output/interrupts.ts";
import { prepareOutFolder } from "../output/out-folder.ts";
import { follow } from "./follow.ts";
import { refuseLimits } from "./limit-bounds.ts";
import type { RunEnvironment } from "./run-environment.ts";

/** What is known before anything is started. */
interface Prepared extends PreparedRequest {
  readonly config: Config;
  readonly language: string;
  readonly compiles: boolean;
  readonly graceMs: number;
  readonly outFolder: string | undefined;
  readonly stdin: StdinPlan;
}

/** Runs one program and gives the exit status. Throws `ProblemError`. */
export async function runHere(
  call: RunCall,
  settings: Flags,
  environment: RunEnvironment,
  interrupts: Interrupts,
): Promise<number> {
  const prepared = await interrupts.unlessStopped(prepare(call, settings, environment));
  return prepared === undefined ? (interrupts.status ?? 0) : execute(prepared, call, environment, interrupts);
}

async function prepare(call: RunCall, settings: Flags, { variables, stdin: own }: RunEnvironment): Promise<Prepared> {
  const { flags } = call;
  const config = readConfig(variables, settings);
  const graceMs = parseOptionAmount("--grace", { of: "time", unit: "s" }, flags.grace ?? "2");
  const stdin = await planStdin(call, own);
  const request = await prepareRequest(call, () => readProgramText(own.stream()), languageOf);
  const { runtime } = resolveRuntime(request.parsed.request.language, request.parsed.request.entry);
  checkCompilerOptions(runtime, request.parsed.request.compilerOptions ?? []);
  refuseLimits(request.parsed.request, runtime, config);
  const outFolder = flags.out === undefined ? undefined : await prepareOutFolder(flags.out);
  return {
    ...request,
    config,
    language: runtime.name,
    compiles: runtime.compile !== undefined,
    graceMs,
    stdin,
    outFolder,
  };
}

async function execute(
  prepared: Prepared,
  call: RunCall,
  environment: RunEnvironment,
  interrupts: Interrupts,
): Promise<number> {
  const bringing = prepared.stdin.bring();
  bringing.catch(() => {});
  const sandboxes = await environment.open({
    ...sandboxOptions(prepared.config),
    preload: [],
    languages: [prepared.language],
    // A compiler takes the first sandbox and the program another; without one, a second would be made for nobody.
    pool: prepared.compiles ? { min: 1, max: 1 } : { min: 0, max: 0 },
    ...stdinWarning(prepared.stdin),
  });
  try {
    const stdin = await interrupts.unlessStopped(bringing);
    if (stdin === undefined) return interrupts.status ?? 0;
    const { outFolder } = prepared;
    const json = call.flags.json === true;
    const run = createEngine(sandboxes).start(prepared.parsed, {
      sources: { files: prepared.files, ...(stdin.source === undefined ? {} : { stdin: stdin.source }) },
      collectOutput: json,
      ...(outFolder === undefined ? {} : { artifactsDir: outFolder }),
      warnings: [...prepared.warnings, ...(stdin.warning === undefined ? [] : [stdin.warning])],
    });
    interrupts.onStop((hard) => run.cancel(hard ? {} : { graceMs: prepared.graceMs }));
    const status = await follow(run, { json, outFolder, bringsArtifacts: true }, environment);
    return interrupts.status ?? status;
  } finally {
    await sandboxes.close();
  }
}

/** What is said of a program that reads a standard input that we could not give. */
function stdinWarning({ emptyBecause }: StdinPlan): Pick<SandboxOptions, "stdinWarning"> {
  return emptyBecause === undefined ? {} : { stdinWarning: `standard input was empty, because ${emptyBecause}` };
}
