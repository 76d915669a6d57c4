/** What a manifest takes of an npm package: all of it (`zod`, `@scope/name`), or one file (`zod/index.js`). */
export interface NpmPart {
  readonly name: string;
  /** Relative to the package's folder. */
  readonly file: string | undefined;
}

export function npmPart(entry: string): NpmPart {
  const words = entry.split("/");
  const length = entry.startsWith("@") ? 2 : 1;
  return { name: words.slice(0, length).join("/"), file: words.slice(length).join("/") || undefined };
}
