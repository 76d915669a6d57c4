import { Command } from "commander";
import { collect } from "./collect.ts";

/** The options of `glovebox serve`: what it is called here, which setting it is, what it takes. */
export const serveOptions = [
  { option: "--host", setting: "host", value: "address", help: "address to listen on (default: 127.0.0.1)" },
  { option: "--port", setting: "port", value: "number", help: "port to listen on, 0 for a free one (default: 7070)" },
  { option: "--allowed-hosts", setting: "allowedHosts", value: "names", help: "host names that requests may name" },
  { option: "--body-limit", setting: "bodyLimitBytes", value: "bytes", help: "largest request body, such as 64MB" },
  {
    option: "--keep-bytes",
    setting: "keepBytes",
    value: "bytes",
    help: "memory for what executions leave behind, such as 256MB",
  },
  { option: "--preload", setting: "preload", value: "modules", help: "libraries to import ahead of time" },
  { option: "--pool-min", setting: "poolMin", value: "number", help: "sandboxes kept ready at least" },
  { option: "--pool-max", setting: "poolMax", value: "number", help: "sandboxes kept ready at most" },
  { option: "--concurrency", setting: "concurrency", value: "number", help: "executions that run at once" },
  {
    option: "--lease-timeout",
    setting: "leaseTimeoutMs",
    value: "ms",
    help: "longest wait for a free sandbox, such as 10s",
  },
  { option: "--waive", setting: "waive", value: "features", help: "isolation features that may be missing" },
  { option: "--runtime-dir", setting: "runtimeDir", value: "folder", help: "folder for sockets and staged files" },
  { option: "--cache-dir", setting: "cacheDir", value: "folder", help: "folder for compiled programs and warm files" },
] as const;

/** Options that may come several times and together are one setting, a list. */
export const listOptions = [
  {
    option: "--toolchain",
    setting: "toolchains",
    value: "folder",
    help: "folder outside /usr to look for toolchains in first (repeatable)",
  },
  {
    option: "--language",
    setting: "languages",
    value: "name",
    help: "language that is ready from the start (repeatable; default: python)",
  },
] as const;

export const limitKinds = [
  { option: "--default", kind: "default", help: "limit of programs that ask for none, NAME=VALUE (repeatable)" },
  { option: "--ceiling", kind: "ceiling", help: "highest limit to ask for, NAME=VALUE (repeatable)" },
] as const;

/** Text by the name that commander derives from the option. */
export type ServeFlags = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Declares `glovebox serve`. */
export function serveCommand(action: (flags: ServeFlags) => Promise<void>): Command {
  const command = new Command("serve").description("Serves executions over HTTP until a signal ends it.");
  for (const { option, value, help } of serveOptions) command.option(`${option} <${value}>`, help);
  for (const { option, value, help } of listOptions) command.option(`${option} <${value}>`, help, collect);
  for (const { option, help } of limitKinds) {
    command.option(`${option} <name=value>`, help, collect);
  }
  return command
    .addHelpText(
      "after",
      "\nLists are separated by commas. Times and sizes may have units: 500ms, 10s, 2m; 64KB, 512MB, 1GB.\n" +
        "Each option is also a variable GLOVEBOX_*; the option wins. See docs/cli.md.",
    )
    .action(action);
}
