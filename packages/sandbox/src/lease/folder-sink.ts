import { close, constants, lstatSync, mkdirSync, openSync, rmSync, statSync, write } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { ArtifactSink } from "@glovebox/protocol";

const writeSome = promisify(write);
const closeFile = promisify(close);

/** Node's own recursive way does not end below /proc, where a folder is there and nothing can be made in it. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Makes the folders above a file. Throws when something that is no folder, such as a link to one, is in a place. */
function makeFoldersAbove(root: string, segments: readonly string[]): string {
  let place = root;
  for (const segment of segments) {
    place = join(place, segment);
    try {
      mkdirSync(place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !lstatSync(place).isDirectory()) throw error;
    }
  }
  return place;
}

const asNewFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Opens a file to be written below a folder. */
function openBelow(root: string, path: string): number {
  const segments = path.split("/");
  const target = join(makeFoldersAbove(root, segments.slice(0, -1)), segments.at(-1) ?? "");
  if (lstatSync(target, { throwIfNoEntry: false })?.isFile() === true) rmSync(target);
  return openSync(target, asNewFile, 0o644);
}

/**
 * Writes artifacts below a folder of the host, which it makes. Names have passed the protocol's rules; here no link is
 * followed and only regular files are replaced, so that nothing outside the folder can be reached. A file is replaced
 * by a new one rather than written over, because it may have other names by hard links. Throws what the system says of
 * a folder that cannot be made.
 */
export function folderSink(folder: string): ArtifactSink {
  makeFolder(resolve(folder));
  return new FolderSink(folder);
}

class FolderSink implements ArtifactSink {
  readonly #folder: string;
  #descriptor: number | undefined;
  /** Closes the file before, which was left in part. */
  #closing: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  begin(path: string): boolean {
    this.#closing = this.#closeFile();
    this.#descriptor = openBelow(this.#folder, path);
    return true;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.byteLength; ) {
      if (this.#descriptor === undefined) throw new Error("no file was begun");
      offset += (await writeSome(this.#descriptor, chunk, offset)).bytesWritten;
    }
  }

  async end(): Promise<void> {
    await this.#closeFile();
  }

  async close(): Promise<void> {
    await this.#closing;
    await this.#closeFile();
  }

  async #closeFile(): Promise<void> {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) await closeFile(descriptor);
  }
}
