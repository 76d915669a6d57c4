import { basename } from "node:path";
import { type ParsedRequest, parseExecutionRequest } from "@glovebox/protocol";
import type { HostSources } from "@glovebox/server/engine";
import { type NamedPath, parseFileOption, readableFile, refuseDuplicates } from "./files.ts";
import { flagName } from "./flag-name.ts";
import { languageOf } from "./language.ts";
import { compileLimitOptions, type LimitOption, limitOptions } from "./limit-options.ts";
import { mistake } from "./mistake.ts";
import type { RunFlags } from "./run-options.ts";
import { parseLenient, parseNumber, parsePairs, readData } from "./values.ts";

/** `glovebox run` as it was called. */
export interface RunCall {
  readonly file: string | undefined;
  readonly flags: RunFlags;
  readonly args: readonly string[];
}

export interface PreparedRequest {
  readonly parsed: ParsedRequest;
  readonly files: NonNullable<HostSources["files"]>;
}

/**
 * Turns the command line into a request and checks all of it. `readProgram` reads the program from stdin.
 * Throws `ProblemError` that names an option or a field of the request.
 */
export async function prepareRequest(call: RunCall, readProgram: () => Promise<string>): Promise<PreparedRequest> {
  const { file, flags, args } = call;
  if ((file === undefined) === (flags.code === undefined)) {
    const given = file === undefined ? "no program is given" : "both FILE and -c are given";
    throw mistake("FILE", `${given}; give one of FILE, '-' and -c CODE, and arguments of the program after '--'`);
  }
  const entry = file === undefined || file === "-" ? undefined : { name: basename(file), path: file };
  const files = await checkedFiles(entry, flags);
  const env = parsePairs("--env", flags.env);
  const parameters = [...parsePairs("--param", flags.param)].map(([key, text]) => [key, parseLenient(text)]);

  const request = {
    language: flags.lang ?? languageOf(entry?.name),
    ...(files.length === 0 ? {} : { files: files.map(({ name }) => ({ name, content: "" })) }),
    ...(args.length === 0 ? {} : { args: [...args] }),
    ...(env.size === 0 ? {} : { env: Object.fromEntries(env) }),
    ...(parameters.length === 0 ? {} : { parameters: Object.fromEntries(parameters) }),
    ...(flags.data === undefined ? {} : { data: await readData(flags.data) }),
    ...(flags.return.length === 0 ? {} : { returnVariables: [...flags.return] }),
    ...(flags.compilerOption.length === 0 ? {} : { compilerOptions: [...flags.compilerOption] }),
    ...(flags.sampleInterval === undefined
      ? {}
      : { sampleIntervalMs: Math.round(parseNumber("--sample-interval", flags.sampleInterval)) }),
    limits: limitsOf(flags, limitOptions),
    ...(compileLimitOptions.some(({ option }) => flags[flagName(option)] !== undefined)
      ? { compileLimits: limitsOf(flags, compileLimitOptions) }
      : {}),
    ...(entry === undefined ? { code: flags.code ?? (await readProgram()) } : { entry: entry.name }),
  };
  return { parsed: parseExecutionRequest(request), files: new Map(files.map(({ name, path }) => [name, path])) };
}

async function checkedFiles(entry: NamedPath | undefined, flags: RunFlags): Promise<NamedPath[]> {
  const named = flags.file.map(parseFileOption);
  refuseDuplicates(entry === undefined ? named : [entry, ...named]);
  const checked = await Promise.all(named.map((file) => readableFile("--file", file)));
  return entry === undefined ? checked : [await readableFile("FILE", entry), ...checked];
}

function limitsOf(flags: RunFlags, options: readonly LimitOption[]): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const { limit, option, factor } of options) {
    const text = flags[flagName(option)];
    if (typeof text === "string") limits[limit] = Math.round(parseNumber(option, text) * factor);
  }
  return limits;
}
