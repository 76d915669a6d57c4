import { constants, type Stats } from "node:fs";
import { access, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import { filesOfFolder } from "./folder.ts";
import { mistake, unreadable } from "./mistake.ts";

/** A file of this host and the name it gets in the working directory. */
interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/** What `--file` and FILE name. */
export interface ChosenFiles {
  /** The program's own file among them; undefined when it is none. */
  readonly entry: NamedPath | undefined;
  readonly files: readonly NamedPath[];
  /** What was left out of folders, for the caller to know. */
  readonly warnings: readonly string[];
}

/**
 * Finds the files that the command line names, and checks that each can be read.
 *
 * PATH keeps its place: below the folder of the program's file, or else below the current folder if it is given
 * relative to that and does not leave it. Any other lands under its base name, and NAME=PATH under NAME. A folder stands
 * for all files in it. The program's file lands under its base name, or where a folder that holds it puts it.
 */
export async function chosenFiles(
  file: string | undefined,
  options: readonly string[],
  exclude: readonly string[],
): Promise<ChosenFiles> {
  const home = file === undefined ? undefined : dirname(resolve(file));
  const files: NamedPath[] = [];
  const warnings: string[] = [];
  for (const option of options) {
    const { name, path } = parseFileOption(option, home);
    const status = await readable("--file", path);
    if (!status.isDirectory()) {
      if (name === "") throw mistake("--file", `${JSON.stringify(option)} names no file`);
      files.push({ name, path: resolve(path) });
      continue;
    }
    const found = await filesOfFolder(path, exclude);
    files.push(...found.names.map((inner) => ({ name: posix.join(name, inner), path: join(resolve(path), inner) })));
    if (found.passedOver > 0) warnings.push(passedOver(path, found.passedOver));
  }
  if (file === undefined) return { entry: undefined, files: unique(files), warnings };
  if ((await readable("FILE", file)).isDirectory()) {
    throw mistake("FILE", `${JSON.stringify(file)} is a folder; name the program, and the folder with --file`);
  }
  const held = files.find(({ path }) => path === resolve(file));
  const entry = held ?? { name: basename(file), path: resolve(file) };
  return { entry, files: unique(held === undefined ? [entry, ...files] : files), warnings };
}

function passedOver(folder: string, count: number): string {
  const what = count === 1 ? "1 link or special file was" : `${count} links and special files were`;
  return `--file: ${what} left out of ${JSON.stringify(folder)}`;
}

/** `PATH` or `NAME=PATH`, as the name in the working directory; empty for that itself. A path with '=' needs the second. */
function parseFileOption(text: string, home: string | undefined): NamedPath {
  const at = text.indexOf("=");
  if (at === -1) return { name: placeOf(text, home), path: text };
  if (at === 0 || at === text.length - 1)
    throw mistake("--file", `needs PATH or NAME=PATH, not ${JSON.stringify(text)}`);
  const name = text.slice(0, at);
  return { name: name === "." ? "" : name.replace(/\/$/, ""), path: text.slice(at + 1) };
}

function placeOf(path: string, home: string | undefined): string {
  for (const folder of [home, isAbsolute(path) ? undefined : process.cwd()]) {
    if (folder === undefined) continue;
    const place = relative(folder, resolve(path));
    if (place !== ".." && !place.startsWith(`..${sep}`)) return place;
  }
  return basename(resolve(path));
}

/** A regular file that we may read, or a folder. */
async function readable(option: string, path: string): Promise<Stats> {
  let kind: Stats;
  try {
    kind = await stat(path);
    await access(path, constants.R_OK);
  } catch (cause) {
    throw unreadable(option, path, cause);
  }
  if (!kind.isFile() && !kind.isDirectory()) throw mistake(option, `${JSON.stringify(path)} is not a regular file`);
  return kind;
}

/** Checks that a path is a regular file that we may read, and makes it absolute. */
export async function readableFile(option: string, path: string): Promise<string> {
  if ((await readable(option, path)).isDirectory()) throw mistake(option, `${JSON.stringify(path)} is a folder`);
  return resolve(path);
}

/** Every name may come once, but for the same file that was named twice. */
function unique(files: readonly NamedPath[]): NamedPath[] {
  const seen = new Map<string, string>();
  return files.filter(({ name, path }) => {
    const other = seen.get(name);
    if (other !== undefined && other !== path) {
      throw mistake("--file", `two files are named ${JSON.stringify(name)}; name one with NAME=PATH`);
    }
    seen.set(name, path);
    return other === undefined;
  });
}
