import type { ErrorPattern, ProgramError } from "@glovebox/protocol";

/** Bytes of stderr, from its end, in which an error is looked for. */
export const errorTextBytes = 64 * 1024;

const maxFrames = 100;
const maxMessage = 8_000;
const workspacePrefix = /^(?:\.\/|\/workspace\/)/;

/** Gives the text of a source file of the program, by its name in the workspace; undefined when it is not at hand. */
export type SourceText = (file: string) => string | undefined;

type Frame = ProgramError["frames"][number];

/**
 * Reads the error of a program, or of a compiler, from what it printed, by the patterns of the language's manifest.
 * `which`: of several the first one counts (a compiler's follow from each other) or the last one (a program's). Null when nothing
 * matches.
 */
export function readError(
  patterns: readonly ErrorPattern[],
  text: string,
  which: "first" | "last",
  source: SourceText,
): ProgramError | null {
  let best: { match: RegExpExecArray; pattern: ErrorPattern } | undefined;
  for (const pattern of patterns) {
    for (const match of text.matchAll(new RegExp(pattern.pattern, "gm"))) {
      const earlier = best === undefined || match.index < best.match.index;
      if (best === undefined || earlier === (which === "first")) best = { match, pattern };
      if (which === "first") break;
    }
  }
  return best === undefined ? null : describe(best.match, best.pattern, text, source);
}

function describe(match: RegExpExecArray, pattern: ErrorPattern, text: string, source: SourceText): ProgramError {
  const groups = match.groups ?? {};
  const traceback = text.slice(match.index).trimEnd();
  const frames = framesOf(pattern, traceback, source);
  const place = fileAndLine(groups["file"], groups["line"]);
  if (frames.length === 0 && place?.file !== undefined) {
    frames.push({
      file: place.file,
      line: place.line,
      function: "",
      source: sourceLine(source, place.file, place.line),
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

/** The frames in the program's own files; a frame elsewhere has a path that leads out of the workspace. */
function framesOf({ frame, frameOrder }: ErrorPattern, traceback: string, source: SourceText): Frame[] {
  if (frame === undefined) return [];
  const frames: Frame[] = [];
  for (const { groups = {} } of traceback.matchAll(new RegExp(frame, "gm"))) {
    const place = fileAndLine(groups["file"], groups["line"]);
    if (place?.file === undefined || place.file.startsWith("/")) continue;
    const { file, line } = place;
    frames.push({ file, line, function: groups["function"] ?? "", source: sourceLine(source, file, line) });
  }
  if (frameOrder === "innermost-last") return frames.slice(-maxFrames);
  return frames.slice(0, maxFrames).reverse();
}

function sourceLine(source: SourceText, file: string, line: number): string | null {
  return source(file)?.split("\n", line)[line - 1]?.trim() ?? null;
}
