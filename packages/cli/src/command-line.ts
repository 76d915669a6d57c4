/**
 * The command line as a whole. Commands load their modules when they are called: `run` must not wait for
 * what only `serve` needs, and neither for what only `--help` shows.
 */
import type { Writable } from "node:stream";
import { Argument, Command, CommanderError } from "commander";
import { collect } from "./arguments/collect.ts";
import { runCommand } from "./arguments/run-options.ts";
import { serveCommand } from "./arguments/serve-options.ts";
import type { LanguagesFlags } from "./commands/languages.ts";
import type { SetupStep } from "./commands/setup-languages.ts";
import { usageError } from "./output/exit-status.ts";
import { printable } from "./output/printable.ts";
import { version } from "./version.ts";

/** Runs one command and resolves with the exit status of this process. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const dashes = argv.indexOf("--");
  const own = dashes === -1 ? argv : argv.slice(0, dashes);
  const programArguments = dashes === -1 ? [] : argv.slice(dashes + 1);
  let status = 0;

  const program = new Command("glovebox")
    .description("Runs untrusted code in isolation.")
    .version(version(), "-V, --version")
    .addHelpText("after", "\nIn a checkout, './glovebox setup [LANGUAGE...]' installs what is missing.")
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`glovebox: ${printable(usageText(text))}\n`),
    });
  const add = (command: Command) => program.addCommand(command.copyInheritedSettings(program));

  add(
    runCommand(async (file, flags) => {
      const { run } = await import("./commands/run.ts");
      status = await run({ file, flags, args: programArguments });
    }),
  );
  add(
    serveCommand(async (flags) => {
      const { serveUntilSignal } = await import("./commands/serve.ts");
      status = await serveUntilSignal(flags);
    }),
  );
  add(
    new Command("doctor")
      .description("Says what this host lacks for full isolation, what that costs and what mends it.")
      .option("--json", "print the diagnosis as one JSON object")
      .option("--waive <feature>", "judge as if this feature were waived (repeatable)", collect, [])
      .action(async (flags: { json?: true; waive: string[] }) => {
        const { doctor } = await import("./commands/doctor.ts");
        status = await doctor(flags);
      }),
  );

  add(
    new Command("languages")
      .description("Lists the languages: version, file extensions, aliases, or the command that installs one.")
      .argument("[names...]", "languages to list; all of them without")
      .option("--json", "print them as one JSON object")
      .option("--packages", "list the libraries that programs can load, as programs in sandboxes see them")
      .option("--toolchain <folder>", "folder outside /usr to look for toolchains in first (repeatable)", collect, [])
      .option("--server <url>", "those of this server instead of this host; also GLOVEBOX_SERVER")
      .option("--waive <feature>", "with --packages: go on without this isolation feature (repeatable)", collect, [])
      .action(async (names: string[], flags: LanguagesFlags) => {
        const { languages } = await import("./commands/languages.ts");
        status = await languages(names, flags);
      }),
  );
  program.addCommand(
    new Command("setup-languages")
      .copyInheritedSettings(program)
      .description("What the bootstrap script asks of languages.")
      .addArgument(new Argument("<step>").choices(["missing", "finish", "list"]))
      .argument("[names...]")
      .option("--all")
      .action(async (step: SetupStep, names: string[], flags: { all?: true }) => {
        const { setupLanguages } = await import("./commands/setup-languages.ts");
        status = await setupLanguages(step, flags.all === true ? "all" : names);
      }),
    { hidden: true },
  );

  try {
    await program.parseAsync([...own], { from: "user" });
    return status;
  } catch (error) {
    const json = asksForJson(own, error) ? process.stdout : undefined;
    if (error instanceof CommanderError) return wrongUsage(error, json);
    const { reportProblem } = await import("./output/problem-text.ts");
    return reportProblem(error, process.stderr, json);
  }
}

/** Whether whoever called wants JSON, though the option be written wrongly: with a value, or nearly. */
function asksForJson(own: readonly string[], error: unknown): boolean {
  const nearly = error instanceof CommanderError && error.message.includes("Did you mean --json?");
  return nearly || own.some((word) => word === "--json" || word.startsWith("--json="));
}

/** A message of commander's on one line: it has a suggestion on a second one. */
function usageText(text: string): string {
  return text
    .replace(/^error: /, "")
    .trimEnd()
    .replace(/\.$/, "")
    .replace(/\n\((Did.*)\)$/s, (_, suggestion: string) => `: ${suggestion.toLowerCase()}`);
}

/** What commander refuses it has said on stderr. Help and the version end a command too, with status 0. */
async function wrongUsage(error: CommanderError, json: Writable | undefined): Promise<number> {
  if (error.exitCode === 0) return 0;
  const hint = error.code === "commander.excessArguments" ? "arguments of the program come after '--'" : undefined;
  if (hint !== undefined) process.stderr.write(`glovebox: ${hint}\n`);
  if (json !== undefined) {
    const { ProblemError } = await import("@glovebox/protocol");
    const message = [usageText(error.message), hint].filter((part) => part !== undefined).join("; ");
    const field = /'(--?[^\s',=]+)/.exec(error.message)?.[1] ?? "(command line)";
    const problem = new ProblemError("invalid-request", message, { errors: [{ field, message }] });
    json.write(`${JSON.stringify(problem.toProblem())}\n`);
  }
  return usageError;
}
