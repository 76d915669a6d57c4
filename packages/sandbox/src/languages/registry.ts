import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nearest, ProblemError, type Runtime, runtimeSchema } from "@glovebox/protocol";
import { runnersFolder } from "../runners-folder.ts";

let cached: readonly Runtime[] | undefined;
/** What was asked for by name before all of them were read: one manifest is read in 1 ms, all take 15. */
const alone = new Map<string, Runtime>();

/** The languages, read once from their manifests. Throws when a manifest is not valid, naming it and its fields. */
export function runtimes(): readonly Runtime[] {
  cached ??= readManifests(runnersFolder);
  return cached;
}

/** Reads the manifest of each folder that has one; the nursery, the warden and what tests share are no languages. */
export function readManifests(folder: string): Runtime[] {
  const found: Runtime[] = [];
  const taken = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const runtime = readManifest(folder, entry.name);
    if (runtime === undefined) continue;
    const place = join(folder, entry.name, "runtime.json");
    for (const word of [runtime.name, ...runtime.aliases, ...runtime.extensions]) {
      const other = taken.get(word);
      if (other !== undefined) throw new Error(`${place}: '${word}' belongs to ${other} already`);
      taken.set(word, runtime.name);
    }
    found.push(runtime);
  }
  // By hand: the first comparison of a locale has Node load its tables, which takes as long as all the rest here.
  const order = ({ title }: Runtime) => title.toLowerCase();
  return found.sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

/** The manifest of one folder; undefined when it has none. */
function readManifest(folder: string, name: string): Runtime | undefined {
  const place = join(folder, name, "runtime.json");
  let text: string;
  try {
    text = readFileSync(place, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${place}: cannot be read: ${(cause as Error).message}`, { cause });
  }
  const runtime = parseManifest(place, text);
  if (runtime.name !== name) throw new Error(`${place}: name: must be that of the folder, '${name}'`);
  return runtime;
}

function parseManifest(place: string, text: string): Runtime {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${place}: is not JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = runtimeSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const broken = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new Error(`${place}: ${broken}`);
}

/** The names of all languages, whether their toolchains are here or not. */
export function knownLanguages(): readonly string[] {
  return runtimes().map((runtime) => runtime.name);
}

function readAlone(name: string): Runtime | undefined {
  const known = alone.get(name);
  // A request's word is compared with the folders there are before it becomes part of a path.
  const isFolder = () =>
    readdirSync(runnersFolder, { withFileTypes: true }).some((entry) => entry.name === name && entry.isDirectory());
  if (known !== undefined || !isFolder()) return known;
  const runtime = readManifest(runnersFolder, name);
  if (runtime !== undefined) alone.set(name, runtime);
  return runtime;
}

function byName(language: string): Runtime {
  const wanted = language.trim().toLowerCase();
  const own = cached === undefined ? readAlone(wanted) : undefined;
  if (own !== undefined) return own;
  const runtime = runtimes().find((candidate) => candidate.name === wanted || candidate.aliases.includes(wanted));
  if (runtime !== undefined) return runtime;
  const words = runtimes().flatMap(({ name, aliases }) => [name, ...aliases]);
  const meant = nearest(wanted, words);
  const mend = `${meant === undefined ? "" : `did you mean '${meant}'? `}known are: ${knownLanguages().join(", ")}`;
  const message = `'${language.slice(0, 100)}' is not known; ${mend}`;
  throw new ProblemError("unknown-language", `language: ${message}`, { errors: [{ field: "language", message }] });
}

/** The name of a language given by its name or an alias. Throws `unknown-language` with the known names. */
export function resolveLanguage(language: string): string {
  return byName(language).name;
}

/** The extension of a file name as manifests have it: `.py` of `a.b.py`; undefined when there is none. */
function extensionOf(name: string): string | undefined {
  return /[^/](\.[^./]+)$/.exec(name)?.[1];
}

/**
 * Finds a language by its name or one of its aliases. Without a name it goes by the extension of `entry`,
 * and failing that is Python. Throws `unknown-language` with what is known.
 */
export function resolveRuntime(
  language: string | undefined,
  entry: string | undefined,
): { runtime: Runtime; warning?: string } {
  if (language !== undefined) {
    const runtime = byName(language);
    return language === runtime.name
      ? { runtime }
      : { runtime, warning: `language: '${language}' was read as '${runtime.name}'` };
  }
  if (entry === undefined) return { runtime: byName("python") };
  const extension = extensionOf(entry);
  const all = runtimes();
  const runtime =
    all.find((candidate) => extension !== undefined && candidate.extensions.includes(extension)) ??
    all.find((candidate) => extension !== undefined && candidate.extensions.includes(extension.toLowerCase()));
  if (runtime !== undefined) return { runtime };
  const known = all.map((candidate) => `${candidate.name} (${candidate.extensions.join(", ")})`).join(", ");
  const detail = `entry: no language goes with the file name '${entry}'; set 'language' to one of: ${known}`;
  throw new ProblemError("unknown-language", detail, {
    errors: [{ field: "entry", message: `known languages: ${known}` }],
  });
}
