import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { mistake, unreadable } from "./mistake.ts";

/** A file of this host and the name it gets in the working directory. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/** `PATH` or `NAME=PATH`. A path that holds '=' needs the second form. */
export function parseFileOption(text: string): NamedPath {
  const at = text.indexOf("=");
  if (at === -1) return { name: basename(text), path: text };
  if (at === 0 || at === text.length - 1)
    throw mistake("--file", `needs PATH or NAME=PATH, not ${JSON.stringify(text)}`);
  return { name: text.slice(0, at), path: text.slice(at + 1) };
}

/** Checks that a path is a regular file that we may read, and makes it absolute. */
export async function readableFile(option: string, { name, path }: NamedPath): Promise<NamedPath> {
  let kind: Awaited<ReturnType<typeof stat>>;
  try {
    kind = await stat(path);
    if (kind.isFile()) await access(path, constants.R_OK);
  } catch (cause) {
    throw unreadable(option, path, cause);
  }
  if (kind.isDirectory()) throw mistake(option, `${JSON.stringify(path)} is a folder; name its files one by one`);
  if (!kind.isFile()) throw mistake(option, `${JSON.stringify(path)} is not a regular file`);
  return { name, path: resolve(path) };
}

/** Every name may come once; the program's own file is among them. */
export function refuseDuplicates(files: readonly NamedPath[]): void {
  const seen = new Set<string>();
  for (const { name } of files) {
    if (seen.has(name)) throw mistake("--file", `two files are named ${JSON.stringify(name)}; name one with NAME=PATH`);
    seen.add(name);
  }
}
