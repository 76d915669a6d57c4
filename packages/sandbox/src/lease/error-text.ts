import type { ErrorPattern, ProgramError } from "@glovebox/protocol";

/** Bytes of stderr, from its end (a compiler's: characters from its start), in which an error is looked for. */
export const errorTextBytes = 64 * 1024;

const maxFrames = 100;
const maxMessage = 8_000;
/** Characters of a line of source that a frame shows: a hundred frames may name one line of many megabytes. */
export const maxSource = 500;
const workspacePrefix = /^(?:\.\/|\/workspace\/)/;

/** The files of the program, by their names in the workspace. */
export interface ProgramFiles {
  readonly names: readonly string[];
  /** Undefined when there is no such file or its text is not at hand. */
  readonly text: (name: string) => string | undefined;
}

type Frame = ProgramError["frames"][number];

/**
 * Reads the error of a program, or of a compiler, from what it printed, by the patterns of the language's manifest.
 * `which`: of several the first one counts (a compiler's follow from each other) or the last one (a program's). Null when nothing
 * matches.
 */
export function readError(
  patterns: readonly ErrorPattern[],
  printed: string,
  which: "first" | "last",
  files: ProgramFiles,
): ProgramError | null {
  const text = which === "first" ? printed.slice(0, errorTextBytes) : printed;
  let best: { match: RegExpExecArray; pattern: ErrorPattern } | undefined;
  for (const pattern of patterns) {
    for (const match of text.matchAll(new RegExp(pattern.pattern, "gm"))) {
      const earlier = best === undefined || match.index < best.match.index;
      if (best === undefined || earlier === (which === "first")) best = { match, pattern };
      if (which === "first") break;
    }
  }
  return best === undefined ? null : describe(best.match, best.pattern, text, files);
}

function describe(match: RegExpExecArray, pattern: ErrorPattern, text: string, files: ProgramFiles): ProgramError {
  const groups = match.groups ?? {};
  const traceback = text.slice(match.index).trimEnd();
  const frames = framesOf(pattern, traceback, files);
  const named = fileAndLine(groups["file"], groups["line"]);
  const place = isForeign(named?.file) ? undefined : named;
  if (frames.length === 0 && place?.file !== undefined) {
    frames.push({
      file: place.file,
      line: place.line,
      function: "",
      source: shown(files.text(place.file)?.split("\n", place.line)[place.line - 1]),
    });
  }
  return {
    type: (groups["type"] ?? pattern.type ?? "Error").slice(0, 1_000),
    message: (groups["message"] ?? match[0]).trim().slice(0, maxMessage),
    traceback,
    frames,
    line: place?.line ?? frames.at(-1)?.line ?? null,
  };
}

function fileAndLine(file: string | undefined, line: string | undefined) {
  const number = Number(line);
  if (line === undefined || !Number.isSafeInteger(number)) return undefined;
  return { file: file?.replace(workspacePrefix, ""), line: number };
}

/** A file that is none of the program's own has a path that leads out of the workspace. */
function isForeign(file: string | undefined): boolean {
  return file?.startsWith("/") === true;
}

function framesOf({ frame, frameOrder }: ErrorPattern, traceback: string, files: ProgramFiles): Frame[] {
  if (frame === undefined) return [];
  const found: Omit<Frame, "source">[] = [];
  for (const { groups = {} } of traceback.matchAll(new RegExp(frame, "gm"))) {
    const place = fileAndLine(groups["file"], groups["line"]);
    if (place?.file === undefined || isForeign(place.file)) continue;
    found.push({ file: place.file, line: place.line, function: groups["function"] ?? "" });
  }
  const frames = frameOrder === "innermost-last" ? found.slice(-maxFrames) : found.slice(0, maxFrames).reverse();
  // A file is cut into lines once: a program can print frames without end that name a file of a million lines.
  const lines = new Map<string, readonly string[]>();
  return frames.map((one) => {
    const file = fullName(one.file, files);
    if (!lines.has(file)) lines.set(file, files.text(file)?.split("\n") ?? []);
    return { ...one, file, source: shown(lines.get(file)?.[one.line - 1]) };
  });
}

/** Java's frames name `Stats.java` what is `app/Stats.java`: the one file that is called so, whatever its folder. */
function fullName(name: string, { names }: ProgramFiles): string {
  if (names.includes(name)) return name;
  const [only, ...others] = names.filter((candidate) => candidate.endsWith(`/${name}`));
  return only === undefined || others.length > 0 ? name : only;
}

function shown(line: string | undefined): string | null {
  return line?.trim().slice(0, maxSource) ?? null;
}
