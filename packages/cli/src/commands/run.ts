/**
 * `glovebox run`: one program, in sandboxes that this process makes or on a server. Everything that the caller can get
 * wrong is checked before anything is started.
 */
import "./schemas-of-one-use.ts";
import { listFlag } from "../arguments/list-flag.ts";
import { namingOptions } from "../arguments/option-of-field.ts";
import type { RunCall } from "../arguments/request.ts";
import { Interrupts } from "../output/interrupts.ts";
import { reportProblem } from "../output/problem-text.ts";
import { serverAddress } from "../remote/server-address.ts";
import { processEnvironment, type RunEnvironment } from "./run-environment.ts";

/** Runs one program and gives the exit status. Never throws: problems are reported. */
export async function run(call: RunCall, environment: RunEnvironment = processEnvironment()): Promise<number> {
  const interrupts = new Interrupts(environment.signals);
  const settings = { ...listFlag("waive", call.flags.waive), ...listFlag("toolchains", call.flags.toolchain) };
  try {
    const server = serverAddress(call.flags.server, environment.variables.GLOVEBOX_SERVER);
    if (server === undefined) {
      const { runHere } = await import("./run-here.ts");
      return await runHere(call, settings, environment, interrupts);
    }
    // A server has what only sandboxes of one's own need: their modules stay unloaded.
    const { runOnServer } = await import("./run-on-server.ts");
    return await runOnServer(server, call, environment, interrupts);
  } catch (error) {
    const problem = namingOptions(await namingSettings(error, settings));
    return reportProblem(problem, environment.stderr, call.flags.json === true ? environment.stdout : undefined);
  } finally {
    interrupts.release();
  }
}

async function namingSettings(error: unknown, settings: ReturnType<typeof listFlag>): Promise<unknown> {
  const config = await import("@glovebox/server/config");
  return config.namingSettings(error, settings);
}
