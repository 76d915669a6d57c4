import { closeOnSignal, serve } from "@glovebox/server";
import { type Flags, namingSettings, readConfig, variableOf } from "@glovebox/server/config";
import { settingFlags } from "../arguments/serve-flags.ts";
import type { ServeFlags } from "../arguments/serve-options.ts";
import { printable } from "../output/printable.ts";

const log = (text: string) => {
  for (const line of text.split("\n")) process.stderr.write(`glovebox: ${printable(line, 10_000)}\n`);
};

/** Where to listen, for a problem of it: what neither an option nor a variable gave is named by its option. */
function defaultsAsOptions(environment: NodeJS.ProcessEnv): Flags {
  const named: Flags = {};
  for (const setting of ["host", "port"] as const) {
    if (environment[variableOf(setting)] === undefined) named[setting] = { option: `--${setting}`, text: "" };
  }
  return named;
}

/** Serves until a signal. Throws `ProblemError` when it cannot start. */
export async function serveUntilSignal(flags: ServeFlags): Promise<number> {
  const settings = settingFlags(flags);
  const config = readConfig(process.env, settings);
  const server = await serve({ config, log }).catch((error: unknown) => {
    throw namingSettings(error, { ...defaultsAsOptions(process.env), ...settings });
  });
  // Whoever reads the line may send the signal at once.
  const closed = closeOnSignal(server);
  process.stderr.write(`glovebox listening on ${server.url}\n`);
  await closed;
  return 0;
}
