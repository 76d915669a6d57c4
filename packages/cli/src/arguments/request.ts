import { type ParsedRequest, parseExecutionRequest } from "@glovebox/protocol";
import type { HostSources } from "@glovebox/server/engine";
import { chosenFiles } from "./files.ts";
import { flagName } from "./flag-name.ts";
import { parseLimit } from "./limit-amounts.ts";
import { compileLimitOptions, type LimitOption, limitOptions } from "./limit-options.ts";
import { mistake } from "./mistake.ts";
import type { RunFlags } from "./run-options.ts";
import { beginningOf } from "./shebang.ts";
import { parseLenient, parsePairs, parseSampleInterval, readData } from "./values.ts";

/** `glovebox run` as it was called. */
export interface RunCall {
  readonly file: string | undefined;
  readonly flags: RunFlags;
  readonly args: readonly string[];
}

export interface PreparedRequest {
  readonly parsed: ParsedRequest;
  readonly files: NonNullable<HostSources["files"]>;
  /** What the caller has to know of the files. */
  readonly warnings: readonly string[];
}

/** The language of a program that names none, by the name of its file and the beginning of its text. */
export type LanguageChoice = (
  file: string | undefined,
  beginning: string,
) => string | undefined | Promise<string | undefined>;

/**
 * Turns the command line into a request and checks all of it. `readProgram` reads the program from stdin.
 * Throws `ProblemError` that names an option or a field of the request.
 */
export async function prepareRequest(
  call: RunCall,
  readProgram: () => Promise<string>,
  languageOf: LanguageChoice,
): Promise<PreparedRequest> {
  const { file, flags, args } = call;
  if ((file === undefined) === (flags.code === undefined)) {
    const given = file === undefined ? "no program is given" : "both FILE and -c are given";
    throw mistake("FILE", `${given}; give one of FILE, '-' and -c CODE, and arguments of the program after '--'`);
  }
  const { entry, files, warnings } = await chosenFiles(file === "-" ? undefined : file, flags.file, flags.exclude);
  const env = parsePairs("--env", flags.env);
  const parameters = [...parsePairs("--param", flags.param)].map(([key, text]) => [key, parseLenient(text)]);

  const code = entry === undefined ? (flags.code ?? (await readProgram())) : undefined;
  const language = flags.lang ?? (await languageOf(entry?.name, code ?? (await beginningOf(entry?.path ?? ""))));

  const request = {
    ...(language === undefined ? {} : { language }),
    ...(files.length === 0 ? {} : { files: files.map(({ name }) => ({ name, content: "" })) }),
    ...(args.length === 0 ? {} : { args: [...args] }),
    ...(env.size === 0 ? {} : { env: Object.fromEntries(env) }),
    ...(parameters.length === 0 ? {} : { parameters: Object.fromEntries(parameters) }),
    ...(flags.data === undefined ? {} : { data: await readData(flags.data) }),
    ...(flags.return.length === 0 ? {} : { returnVariables: [...flags.return] }),
    ...(flags.compilerOption.length === 0 ? {} : { compilerOptions: [...flags.compilerOption] }),
    ...(flags.sampleInterval === undefined ? {} : { sampleIntervalMs: parseSampleInterval(flags.sampleInterval) }),
    limits: limitsOf(flags, limitOptions),
    ...(compileLimitOptions.some(({ option }) => flags[flagName(option)] !== undefined)
      ? { compileLimits: limitsOf(flags, compileLimitOptions) }
      : {}),
    ...(entry === undefined ? { code } : { entry: entry.name }),
  };
  const paths = new Map(files.map(({ name, path }) => [name, path]));
  return { parsed: parseExecutionRequest(request), files: paths, warnings };
}

function limitsOf(flags: RunFlags, options: readonly LimitOption[]): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const option of options) {
    const text = flags[flagName(option.option)];
    if (typeof text === "string") limits[option.limit] = parseLimit(option, text);
  }
  return limits;
}
