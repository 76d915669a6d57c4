import { type Limits, limitNames, type Program, type Source } from "@glovebox/protocol";
import { readWhole } from "../program/host-files.ts";
import { sha256 } from "./toolchain-keys.ts";

/** A source file with its content. */
export type SourceText = Extract<Source, { readonly content: unknown }>;

/**
 * The files that a compiler is given: the entry and those with the extensions of sources; all files, when one of these
 * has a match for `embeds`. They are read once, because what is hashed must be what is compiled. Throws
 * `unreadable-file`.
 */
export async function readSources(
  { files, entry }: Pick<Program, "files" | "entry">,
  extensions: readonly string[],
  embeds?: string,
): Promise<SourceText[]> {
  const contents = new Map<Source, string | Uint8Array>();
  const read = async (file: Source) => {
    const ofPath = (path: string) => readWhole(`files[${files.indexOf(file)}].path`, path);
    contents.set(file, "content" in file ? file.content : await ofPath(file.path));
  };
  for (const file of files) {
    const isSource = file.name === entry || extensions.some((extension) => file.name.endsWith(extension));
    if (isSource) await read(file);
  }
  const pattern = embeds === undefined ? undefined : new RegExp(embeds, "m");
  if (
    pattern !== undefined &&
    [...contents.values()].some((content) => pattern.test(Buffer.from(content).toString()))
  ) {
    for (const file of files) if (!contents.has(file)) await read(file);
  }
  return files.flatMap((file) => {
    const content = contents.get(file);
    return content === undefined ? [] : [{ name: file.name, content }];
  });
}

/** What a compiler will see of a request. */
export interface CompilerInput {
  readonly entry: string;
  readonly sources: readonly SourceText[];
  readonly options: readonly string[];
  readonly limits: Limits;
}

/**
 * The key of a program's product: the hash of everything that the compiler will see. `toolchain` is its own key. Limits
 * are part of it, because a compiler can do something else for them and succeed: it is told of some, and meets others.
 * So is the order of the options, of which a later one may undo an earlier one.
 */
export function compileKey(toolchain: string, { entry, sources, options, limits }: CompilerInput): string {
  const hashes = sources.map(({ name, content }): [string, string] => [name, sha256(content)]);
  hashes.sort(([one], [other]) => (one < other ? -1 : 1));
  const allowed = limitNames.map((name) => [name, limits[name]]);
  return sha256(JSON.stringify([toolchain, entry, hashes, options, allowed]));
}
