import type { ProblemError } from "@glovebox/protocol";
import { listFlag } from "../arguments/list-flag.ts";
import { mistake } from "../arguments/mistake.ts";
import { serverAddress } from "../remote/server-address.ts";
import type { OpenSandboxes } from "./local-target.ts";
import type { Target } from "./target.ts";

/** The options that say where programs run, and how sandboxes are made for them. */
export interface TargetFlags {
  readonly server?: string;
  readonly waive: readonly string[];
  readonly toolchain: readonly string[];
}

/**
 * The server that the options or the environment name, or else this host. Only what the chosen one needs is loaded.
 * Throws `ProblemError` that names an option or a variable.
 */
export async function openTarget(
  flags: TargetFlags,
  variables: NodeJS.ProcessEnv,
  open?: OpenSandboxes,
): Promise<Target> {
  const server = serverAddress(flags.server, variables.GLOVEBOX_SERVER);
  if (server !== undefined) {
    if (flags.waive.length > 0) throw notForServers("--waive");
    if (flags.toolchain.length > 0) throw notForServers("--toolchain");
    const { serverTarget } = await import("./server-target.ts");
    return serverTarget(server);
  }
  const { readConfig } = await import("@glovebox/server/config");
  const config = readConfig(variables, settingsOf(flags));
  const { localTarget } = await import("./local-target.ts");
  return localTarget(config, open);
}

/** A problem in the words of whoever chose the target: of settings with the option or variable that made them. */
export async function namingSettings(error: unknown, flags: TargetFlags): Promise<unknown> {
  const config = await import("@glovebox/server/config");
  return config.namingSettings(error, settingsOf(flags));
}

const settingsOf = ({ waive, toolchain }: TargetFlags) => ({
  ...listFlag("waive", waive),
  ...listFlag("toolchains", toolchain),
});

/** What says how sandboxes are made is for who makes them. */
function notForServers(option: string): ProblemError {
  return mistake(option, "is nothing that a server is told with a program: give it to `glovebox serve`");
}
