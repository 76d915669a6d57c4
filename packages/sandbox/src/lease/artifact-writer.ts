import { createHash, type Hash } from "node:crypto";
import { closeSync, constants, lstatSync, mkdirSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Artifact } from "@glovebox/protocol";

/** Node's own recursive way does not end below /proc, where a folder is there and nothing can be made in it. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/**
 * Writes artifacts below a folder of the host. Names have passed the protocol's rules; here no link is
 * followed and only regular files are replaced, so that nothing outside the folder can be reached. A file
 * is replaced by a new one rather than written over, because it may have other names by hard links.
 */
export class ArtifactWriter {
  readonly #folder: string;
  #open: { descriptor: number; path: string; size: number; left: number; hash: Hash } | undefined;

  constructor(folder: string) {
    makeFolder(resolve(folder));
    this.#folder = folder;
  }

  /** Begins a file. Throws when a file of another kind is in its place. */
  begin(path: string, size: number): void {
    this.close();
    const parts = path.split("/");
    let place = this.#folder;
    for (const part of parts.slice(0, -1)) {
      place = join(place, part);
      try {
        mkdirSync(place);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !lstatSync(place).isDirectory()) throw error;
      }
    }
    const target = join(place, parts.at(-1) ?? "");
    if (lstatSync(target, { throwIfNoEntry: false })?.isFile() === true) rmSync(target);
    const descriptor = openSync(
      target,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o644,
    );
    this.#open = { descriptor, path, size, left: size, hash: createHash("sha256") };
  }

  /** Adds content; returns the artifact when it is complete. */
  data(chunk: Uint8Array): Artifact | undefined {
    const file = this.#open;
    if (file === undefined || chunk.byteLength > file.left) throw new Error("artifact data that was not announced");
    for (let offset = 0; offset < chunk.byteLength; ) offset += writeSync(file.descriptor, chunk, offset);
    file.hash.update(chunk);
    file.left -= chunk.byteLength;
    if (file.left > 0) return undefined;
    this.close();
    return { path: file.path, size: file.size, sha256: file.hash.digest("hex") };
  }

  /** Closes a file that was begun; what is missing of it stays missing. */
  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.descriptor);
    this.#open = undefined;
  }
}
