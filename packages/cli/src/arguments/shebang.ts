import { open } from "node:fs/promises";

/** What the kernel reads of a line with #! at most. */
const longestLine = 256;

/**
 * The interpreter that the first line of a program names, as a name without folder: `ruby` of `#!/usr/bin/env ruby`;
 * undefined when the line is none with #!.
 */
export function interpreterOf(program: string): string | undefined {
  const line = /^#!([^\n\r]*)/.exec(program.slice(0, longestLine))?.[1]?.trim();
  if (line === undefined) return undefined;
  const [first = "", ...rest] = line.split(/\s+/);
  const name = lastPart(first);
  return name === "env" ? lastPart(ofEnv(rest)) : name;
}

/** The program that `env` starts: the first word that is neither an option nor a variable. */
function ofEnv(words: readonly string[]): string {
  const split = words.map((word) => word.replace(/^(-S|-[a-z]*S|--split-string=)/, "")).filter((word) => word !== "");
  return split.find((word) => !word.startsWith("-") && !word.includes("=")) ?? "";
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The beginning of a file, as far as `interpreterOf` looks; empty for what cannot be read, which is told elsewhere. */
export async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(longestLine), 0, longestLine);
      return buffer.toString("latin1", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return "";
  }
}
