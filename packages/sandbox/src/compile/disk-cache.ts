import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { open, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { cacheHeaderSchema } from "@glovebox/protocol";

/*
 * What compilers made, kept on disk over the life of the processes that made it.
 *
 * An entry is one file, named by the hash of everything that went into it: a checksum, a line of JSON, the files' bytes.
 * It is written under another name and renamed, so a reader sees all of it or none, and of several writers the last one
 * wins with the same content. The checksum (SHA-256) is over the kind of cache, the entry's name and all bytes behind it;
 * nothing is read of an entry before it is right. An entry that was damaged, put under another name, or is not a file of
 * this user alone is deleted and counts as absent.
 *
 * The folder belongs to one user alone, who may delete it at any time: a writer makes it again. That it is private is
 * what keeps others from changing entries, so a folder that others can write to is neither opened nor written to, and
 * what somebody put there meanwhile is not believed.
 *
 * Reading an entry renews its time; entries that nobody has read for long go first, when the folder is over its bound.
 */

export interface CachedFile {
  readonly path: string;
  readonly data: Buffer;
}

export interface CacheEntry {
  readonly files: readonly CachedFile[];
  readonly note: unknown;
}

export interface DiskCacheSetup {
  /** A folder of this user alone, which several caches may share. */
  readonly folder: string;
  readonly kind: "compiled" | "warm";
  /** Bound of all entries together. */
  readonly maxBytes: number;
  /** An entry that was not read for so long is deleted at the next occasion, in milliseconds. */
  readonly maxAgeMs: number;
  readonly log: (line: string) => void;
}

const newline = 0x0a;
/** Length of a checksum as it is written, in hexadecimal. */
const checksumLength = 64;
const putsBetweenSweeps = 16;
const keyPattern = /^[0-9a-f]{64}$/;
const unfinishedForMs = 3_600_000;

/** Empty for a user id that has neither HOME nor an entry in passwd. */
function homeFolder(): string {
  try {
    return process.env.HOME ?? homedir();
  } catch {
    return "";
  }
}

/** Where a user's cache is by default. */
export function defaultCacheFolder(): string {
  const { XDG_CACHE_HOME: named } = process.env;
  const home = homeFolder();
  if (named?.startsWith("/") === true) return join(named, "glovebox");
  if (home.startsWith("/") && home !== "/") return join(home, ".cache", "glovebox");
  return join(tmpdir(), `glovebox-cache-${process.getuid?.() ?? 0}`);
}

/**
 * Makes the folder for this user alone. Throws when somebody else owns it or can write to it. One that others may read
 * stays as it is: it may be there for more than the cache, whose files are closed to them.
 */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const status = statSync(folder);
  if (status.uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user`);
  if ((status.mode & 0o022) !== 0) throw new Error(`${folder} can be written by other users`);
}

/** The content of a file; undefined when there is none, `foreign` for one that somebody else owns or can write to. */
async function readOwn(place: string): Promise<Buffer | "foreign" | undefined> {
  const file = await open(place).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const status = await file.stat();
    if (!status.isFile()) return undefined;
    if (status.uid !== process.getuid?.() || (status.mode & 0o022) !== 0) return "foreign";
    return await file.readFile();
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

export class DiskCache {
  readonly #setup: DiskCacheSetup;
  readonly #entries: string;
  #putsLeft = 0;

  private constructor(setup: DiskCacheSetup) {
    this.#setup = setup;
    this.#entries = join(setup.folder, setup.kind);
    this.#makeFolders();
  }

  /** Makes what is missing of the folder. Throws when it is not this user's alone. */
  #makeFolders(): void {
    makePrivate(this.#setup.folder);
    makePrivate(this.#entries);
  }

  /** Opens the cache, or says in the log why there is none and returns undefined. */
  static open(setup: DiskCacheSetup): DiskCache | undefined {
    try {
      return new DiskCache(setup);
    } catch (error) {
      setup.log(`compile cache: goes without the disk, because ${(error as Error).message}`);
      return undefined;
    }
  }

  /** The entry, if it is there whole and as it was put. */
  async get(key: string): Promise<CacheEntry | undefined> {
    const place = this.#place(key);
    const content = await readOwn(place);
    if (content === undefined) return undefined;
    const entry = content === "foreign" ? undefined : this.#parse(key, content);
    if (entry === undefined) {
      this.#setup.log(`compile cache: entry ${key} was damaged or changed; it is deleted`);
      await this.#remove(place);
      return undefined;
    }
    const now = new Date();
    await utimes(place, now, now).catch(() => {});
    return entry;
  }

  /** Keeps an entry. A disk that does not take it is said in the log and is no failure. */
  async put(key: string, entry: CacheEntry): Promise<void> {
    const place = this.#place(key);
    const own = `${place}.${randomBytes(6).toString("hex")}.part`;
    const files = entry.files.map(({ path, data }) => ({ path, size: data.length }));
    if (files.reduce((sum, { size }) => sum + size, 0) > this.#setup.maxBytes) return;
    try {
      this.#makeFolders();
      const header = Buffer.from(`${JSON.stringify({ format: 1, files, note: entry.note })}\n`);
      const parts = [header, ...entry.files.map(({ data }) => data)];
      await writeFile(own, [`${this.#checksum(key, parts)}\n`, ...parts], { flag: "wx", mode: 0o600 });
      await rename(own, place);
    } catch (error) {
      this.#setup.log(`compile cache: an entry could not be written: ${(error as Error).message}`);
      await this.#remove(own);
      return;
    }
    if (this.#putsLeft-- <= 0) {
      this.#putsLeft = putsBetweenSweeps;
      await this.sweep();
    }
  }

  /** Deletes what is too old, then the longest unread until the rest is within its bound. */
  async sweep(): Promise<void> {
    const found: { place: string; bytes: number; time: number }[] = [];
    const oldest = Date.now() - this.#setup.maxAgeMs;
    for (const name of await readdir(this.#entries).catch(() => [])) {
      const place = join(this.#entries, name);
      const status = await stat(place).catch(() => undefined);
      if (status === undefined) continue;
      const unfinished = !keyPattern.test(name) && status.mtimeMs < Date.now() - unfinishedForMs;
      if (unfinished || status.mtimeMs < oldest) await this.#remove(place);
      else found.push({ place, bytes: status.size, time: status.mtimeMs });
    }
    let bytes = found.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of found.sort((one, other) => one.time - other.time)) {
      if (bytes <= this.#setup.maxBytes) return;
      await this.#remove(entry.place);
      bytes -= entry.bytes;
    }
  }

  #place(key: string): string {
    if (!keyPattern.test(key)) throw new Error(`no key of the cache: ${key}`);
    return join(this.#entries, key);
  }

  /** A disk that does not let go of something is no failure; what it keeps is not believed. */
  async #remove(place: string): Promise<void> {
    await rm(place, { recursive: true, force: true }).catch(() => {});
  }

  #checksum(key: string, parts: readonly Uint8Array[]): string {
    const hash = createHash("sha256").update(`${this.#setup.kind} ${key}\n`);
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  }

  #parse(key: string, content: Buffer): CacheEntry | undefined {
    if (content.length <= checksumLength || content[checksumLength] !== newline) return undefined;
    const body = content.subarray(checksumLength + 1);
    if (this.#checksum(key, [body]) !== content.toString("latin1", 0, checksumLength)) return undefined;
    const end = body.indexOf(newline);
    const header = cacheHeaderSchema.safeParse(JSON.parse(body.subarray(0, end).toString("utf8")));
    if (!header.success) return undefined;
    const { files, note } = header.data;
    let offset = end + 1;
    const entries = files.map(({ path, size }) => {
      offset += size;
      return { path, data: body.subarray(offset - size, offset) };
    });
    return { files: entries, note };
  }
}
