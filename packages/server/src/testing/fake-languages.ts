import { readFileSync, statSync } from "node:fs";
import {
  defaultCeiling,
  defaultCompileLimits,
  defaultLimits,
  type HostRequest,
  type Language,
  type LanguageQuery,
  limitNames,
  ProblemError,
  type Profile,
  type Program,
  type Source,
} from "@glovebox/protocol";
import { definedOnly } from "../defined.ts";

/** One language that runs and one whose toolchain is missing. */
const languages: readonly Language[] = [
  {
    name: "python",
    title: "Python",
    aliases: ["py"],
    extensions: [".py"],
    version: "3.11.2",
    available: true,
    install: null,
  },
  {
    name: "lua",
    title: "Lua",
    aliases: [],
    extensions: [".lua"],
    version: null,
    available: false,
    install: "./glovebox setup lua",
  },
];

/** What programs of each language can load. */
const listed = { packages: [{ name: "numpy", version: "1.24.2" }], packagesNote: "The standard library besides." };

export async function listFakeLanguages({ names, packages }: LanguageQuery = {}): Promise<readonly Language[]> {
  const unknown = names?.find((name) => !languages.some((language) => language.name === name));
  if (unknown !== undefined) throw new ProblemError("unknown-language", `language: '${unknown}' is not known`);
  const chosen = languages.filter(({ name }) => names?.includes(name) ?? true);
  return packages === true ? chosen.map((language) => ({ ...language, ...listed })) : chosen;
}

/** Languages that requests may name, by alias; the compiled ones have limits of the compiler. */
const names: Readonly<Record<string, string>> = {
  py: "python",
  python: "python",
  lua: "lua",
  c: "c",
  js: "javascript",
};
const compiled: readonly string[] = ["c"];
/** Files of the host up to this many bytes are read when the request is resolved. */
const readBytes = 1024 * 1024;

function source(file: NonNullable<HostRequest["files"]>[number]): Source {
  const { name, content, contentBase64, path } = file;
  if (contentBase64 !== undefined) return { name, content: Buffer.from(contentBase64, "base64") };
  if (path === undefined) return { name, content: content ?? "" };
  try {
    const { size } = statSync(path);
    return size > readBytes ? { name, path, size } : { name, content: readFileSync(path) };
  } catch (cause) {
    throw new ProblemError("unreadable-file", `${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Resolves a request as the real ones do, without a look at the host. */
export function resolveFake(request: HostRequest, profile?: Profile): Program {
  const { defaults, ceiling } = profile ?? { defaults: defaultLimits, ceiling: defaultCeiling };
  const { language: asked = "python", files = [], stdin, stdinBase64, ...rest } = request;
  const language = Object.hasOwn(names, asked) ? names[asked] : undefined;
  if (language === undefined) throw new ProblemError("unknown-language", `language: '${asked}' is not known`);
  const limits = { ...defaults, ...definedOnly(rest.limits ?? {}) };
  const over = limitNames.filter((name) => limits[name] > ceiling[name]);
  if (over.length > 0) {
    const errors = over.map((name) => ({ field: `limits.${name}`, message: `must be at most ${ceiling[name]}` }));
    throw ProblemError.ofFields("limit-over-ceiling", errors);
  }
  const input = stdinBase64 === undefined ? stdin : Buffer.from(stdinBase64, "base64");
  return {
    language,
    files: files.map(source),
    args: rest.args ?? [],
    env: rest.env ?? {},
    parameters: rest.parameters ?? {},
    data: rest.data ?? null,
    limits,
    compilerOptions: rest.compilerOptions ?? [],
    returnVariables: rest.returnVariables ?? [],
    warnings: [],
    ...(compiled.includes(language)
      ? { compileLimits: { ...defaultCompileLimits, ...definedOnly(rest.compileLimits ?? {}) } }
      : {}),
    ...definedOnly({
      code: rest.code,
      entry: rest.entry,
      stdin: input,
      sampleIntervalMs: rest.sampleIntervalMs,
      metadata: rest.metadata,
    }),
  };
}
