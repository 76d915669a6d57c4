/**
 * A run on a server, over HTTP. The server has the languages, the limits and the sandboxes, so that nothing of them is
 * asked here; a signal closes the connection, by which the server ends the program at once.
 */
import { extname } from "node:path";
import { mistake } from "../arguments/mistake.ts";
import { readProgramText } from "../arguments/program-text.ts";
import { prepareRequest, type RunCall } from "../arguments/request.ts";
import type { RunFlags } from "../arguments/run-options.ts";
import { planStdin } from "../arguments/stdin-plan.ts";
import type { Interrupts } from "../output/interrupts.ts";
import { prepareOutFolder } from "../output/out-folder.ts";
import { RemoteCancelled, startRemoteRun } from "../remote/remote-run.ts";
import { requestBody } from "../remote/request-body.ts";
import { follow } from "./follow.ts";
import type { RunEnvironment } from "./run-environment.ts";

/** Runs one program and gives the exit status. Throws `ProblemError`, that of the server among them. */
export async function runOnServer(
  server: URL,
  call: RunCall,
  environment: RunEnvironment,
  interrupts: Interrupts,
): Promise<number> {
  refuseOptionsOfServers(call.flags);
  const prepared = await interrupts.unlessStopped(prepare(call, environment));
  if (prepared === undefined) return interrupts.status ?? 0;
  const { body, outFolder, warnings } = prepared;
  const json = call.flags.json === true;
  const run = startRemoteRun(server, body, !json);
  interrupts.onStop(() => run.cancel());
  try {
    const status = await follow(run, { json, outFolder, warnings, bringsArtifacts: false }, environment);
    return interrupts.status ?? status;
  } catch (error) {
    if (!(error instanceof RemoteCancelled)) throw error;
    environment.stderr.write("glovebox: cancelled\n");
    return interrupts.status ?? 130;
  }
}

async function prepare(call: RunCall, { stdin: own }: RunEnvironment) {
  const stdin = await planStdin(call, own);
  const { parsed, files, warnings } = await prepareRequest(call, () => readProgramText(own.stream()), languageToAskFor);
  const outFolder = call.flags.out === undefined ? undefined : await prepareOutFolder(call.flags.out);
  const input = await stdin.bring();
  const body = await requestBody(parsed.request, {
    files,
    ...(input.source === undefined ? {} : { stdin: input.source }),
  });
  return {
    body,
    outFolder,
    warnings: [...warnings, ...(input.warning === undefined ? [] : [input.warning]), ...parsed.warnings],
  };
}

/** The server knows which language goes with an extension, and not that a file without one is Python here. */
async function languageToAskFor(file: string | undefined, beginning: string): Promise<string | undefined> {
  if (file !== undefined && extname(file) !== "") return undefined;
  if (!beginning.startsWith("#!")) return file === undefined ? undefined : "python";
  const { languageOf } = await import("../arguments/language.ts");
  return languageOf(file, beginning);
}

/** What says how sandboxes are made is for who makes them. */
function refuseOptionsOfServers(flags: RunFlags): void {
  for (const [option, given] of [
    ["--waive", flags.waive.length > 0],
    ["--toolchain", flags.toolchain.length > 0],
    ["--grace", flags.grace !== undefined],
  ] as const) {
    const mend = option === "--grace" ? "a server ends a program at once" : "give it to `glovebox serve`";
    if (given) throw mistake(option, `is nothing that a server is told with a program: ${mend}`);
  }
}
