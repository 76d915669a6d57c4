import { Command } from "commander";
import { collect } from "./collect.ts";
import { compileLimitOptions, limitOptions } from "./limit-options.ts";

/** The options of `glovebox run` as commander gives them: text, not yet judged. */
export interface RunFlags {
  readonly code?: string;
  readonly lang?: string;
  readonly file: readonly string[];
  readonly exclude: readonly string[];
  readonly param: readonly string[];
  readonly data?: string;
  readonly stdin?: string;
  readonly env: readonly string[];
  readonly return: readonly string[];
  readonly compilerOption: readonly string[];
  readonly sampleInterval?: string;
  readonly out?: string;
  readonly json?: true;
  readonly waive: readonly string[];
  readonly toolchain: readonly string[];
  readonly grace?: string;
  readonly server?: string;
  /** The limits, by the name that commander derives from the option. */
  readonly [limit: string]: unknown;
}

const notes = `
FILE is placed in the working directory under its own name and runs there. '-' reads the program from stdin.
Arguments after '--' go to the program.

--file keeps the place of a PATH below the folder of FILE, else below the current folder; any other lands under its
last part, and NAME=PATH under NAME. Of a folder all regular files are taken; links in it are not followed.

Standard input of the program is --stdin FILE, or else the stdin of this command if that is a file, a pipe or
a socket and the program is not read from it. It is read to its end before the program starts. A pipe on which
nothing comes within a second counts as empty, so that one that is never closed does no harm; '--stdin -' waits.

Times and sizes may have units: 500ms, 10s, 2m, 1h; 64KB, 512MB, 1.5GB, of which 1 KB is 1024 bytes.

A program in a compiled language is compiled in a sandbox of its own first. What the compiler says goes to stderr;
if it fails, its exit status is that of this command.

Exit status: that of the program; 124 timed out, 125 sandbox fault, 126 refused, 137 stopped by another limit,
128 + n ended by signal n, 130 cancelled, 141 the reader of the output went away, 2 wrong usage or input.`;

/** Declares `glovebox run`. */
export function runCommand(action: (file: string | undefined, flags: RunFlags) => Promise<void>): Command {
  const command = new Command("run")
    .description("Runs one program in a fresh sandbox.")
    .usage("[FILE | -] [options] [-- ARGS...]")
    .argument("[file]", "the program, or '-' to read it from stdin")
    .option("-c, --code <code>", "the program as text")
    .option(
      "--lang <language>",
      "language of the program; by default that of the file extension or of its line with #!, else python",
    )
    .option("--file <path>", "file or folder for the working directory, PATH or NAME=PATH (repeatable)", collect, [])
    .option("--exclude <pattern>", "leave this out of folders, as in .gitignore (repeatable)", collect, [])
    .option("--param <k=v>", "parameter; JSON if it parses as JSON, else text (repeatable)", collect, [])
    .option("--data <json>", "input data as JSON, or @FILE that holds it")
    .option("--stdin <file>", "standard input of the program; '-' reads ours to its end, however long it takes")
    .option("--env <k=v>", "environment variable (repeatable)", collect, [])
    .option("--return <name>", "variable to return (repeatable)", collect, [])
    .option("--compiler-option <option>", "option of the compiler, -O3 for instance (repeatable)", collect, [])
    .option("--out <dir>", "folder for files, displays, results and variables of the program")
    .option("--json", "print the record of the execution as one JSON object instead of the output")
    .option("--sample-interval <ms>", "take a sample of the resources each so many milliseconds")
    .option("--grace <s>", "time to end between SIGINT and SIGKILL when cancelled (default: 2)")
    .option("--waive <feature>", "run although this isolation feature is missing (repeatable)", collect, [])
    .option("--toolchain <folder>", "folder outside /usr to look for toolchains in first (repeatable)", collect, [])
    .option("--server <url>", "run it on this server instead of here; also GLOVEBOX_SERVER")
    .addHelpText("after", notes);
  for (const { option, measure, help } of limitOptions) {
    command.option(`${option} <${measure.unit === "" ? "n" : measure.unit}>`, `limit: ${help}`);
  }
  for (const { option, measure, help } of compileLimitOptions) {
    command.option(`${option} <${measure.unit}>`, `limit of the compiler: ${help}`);
  }
  return command.action(action);
}
