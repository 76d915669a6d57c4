import { type HostRequest, type ParsedRequest, parseHostRequest } from "@glovebox/protocol";
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

/** What the command line alone does not say. */
export interface RequestSources {
  /** Reads the program from stdin. */
  readonly readProgram: () => Promise<string>;
  /** The language of a program that names none, by the name of its file and the beginning of its text. */
  readonly languageOf: (file: string | undefined, beginning: string) => Promise<string | undefined>;
  /** File that is the program's standard input. */
  readonly stdin: string | undefined;
}

/** Turns the command line into a request and checks all of it. Throws `ProblemError` that names an option or a field. */
export async function prepareRequest(call: RunCall, sources: RequestSources): Promise<ParsedRequest<HostRequest>> {
  const { file, flags, args } = call;
  if ((file === undefined) === (flags.code === undefined)) {
    const given = file === undefined ? "no program is given" : "both FILE and -c are given";
    throw mistake("FILE", `${given}; give one of FILE, '-' and -c CODE, and arguments of the program after '--'`);
  }
  const { entry, files, warnings } = await chosenFiles(file === "-" ? undefined : file, flags.file, flags.exclude);
  const env = parsePairs("--env", flags.env);
  const parameters = [...parsePairs("--param", flags.param)].map(([key, text]) => [key, parseLenient(text)]);

  const code = entry === undefined ? (flags.code ?? (await sources.readProgram())) : undefined;
  const beginning = code ?? (await beginningOf(entry?.path ?? ""));
  const language = flags.lang ?? (await sources.languageOf(entry?.name, beginning));

  const values = {
    ...(parameters.length === 0 ? {} : { parameters: Object.fromEntries(parameters) }),
    ...(flags.data === undefined ? {} : { data: await readData(flags.data) }),
  };
  const request = {
    ...(language === undefined ? {} : { language }),
    ...(files.length === 0 ? {} : { files }),
    ...(sources.stdin === undefined ? {} : { stdin: { path: sources.stdin } }),
    ...(args.length === 0 ? {} : { args: [...args] }),
    ...(env.size === 0 ? {} : { env: Object.fromEntries(env) }),
    ...values,
    ...(flags.return.length === 0 ? {} : { returnVariables: [...flags.return] }),
    ...(flags.compilerOption.length === 0 ? {} : { compilerOptions: [...flags.compilerOption] }),
    ...(flags.sampleInterval === undefined ? {} : { sampleIntervalMs: parseSampleInterval(flags.sampleInterval) }),
    limits: limitsOf(flags, limitOptions),
    ...(compileLimitOptions.some(({ option }) => flags[flagName(option)] !== undefined)
      ? { compileLimits: limitsOf(flags, compileLimitOptions) }
      : {}),
    ...(entry === undefined ? { code } : { entry: entry.name }),
  };
  const parsed = parseHostRequest(request);
  return { request: parsed.request, warnings: [...warnings, ...parsed.warnings] };
}

function limitsOf(flags: RunFlags, options: readonly LimitOption[]): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const option of options) {
    const text = flags[flagName(option.option)];
    if (typeof text === "string") limits[option.limit] = parseLimit(option, text);
  }
  return limits;
}
