import type { Program } from "@glovebox/protocol";

/** Helpers that use the preloaded libraries without naming them. */
const helpersOnLibraries = ["load_file", "save_file"];

const matchers = new Map<string, RegExp>();

/**
 * True when the program's text names one of the modules, so that a sandbox with the libraries imported will
 * serve it faster. It is a guess about speed alone: a program that is guessed wrong imports what it needs.
 */
export function mentionsAny({ code, files }: Pick<Program, "code" | "files">, modules: readonly string[]): boolean {
  if (modules.length === 0) return false;
  const key = modules.join(",");
  let matcher = matchers.get(key);
  if (matcher === undefined) {
    const names = [...modules, ...helpersOnLibraries].map((name) => name.replace(/[^\w]/g, "\\$&"));
    matcher = new RegExp(`\\b(?:${names.join("|")})\\b`);
    matchers.set(key, matcher);
  }
  if (code !== undefined) return matcher.test(code);
  const texts = files.filter((file) => file.name.endsWith(".py") && "content" in file);
  return texts.some((file) => "content" in file && matcher.test(Buffer.from(file.content).toString("latin1")));
}
