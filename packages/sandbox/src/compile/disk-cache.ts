import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { cacheHeaderSchema } from "@glovebox/protocol";

/*
 * What compilers made, kept on disk over the life of the processes that made it.
 *
 * An entry is one file, named by the hash of everything that went into it: a code, a line of JSON, the files' bytes. It
 * is written under another name and renamed, so a reader sees all of it or none, and of several writers the last one
 * wins with the same content. The code (HMAC-SHA256) is over the kind of cache, the entry's name and all bytes behind
 * it, with a secret that lies beside the entries; nothing is read of an entry before its code is right. An entry that was
 * damaged, changed, or put under another name is deleted and counts as absent.
 *
 * The folder belongs to one user alone, who may delete it at any time: a writer makes folder and secret again. Whoever
 * did that first has another secret than the processes before it, so writers ask for it each time, and a reader does
 * before it takes a code for wrong.
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
/** Length of a code as it is written, in hexadecimal. */
const codeLength = 64;
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

/** The secret of this cache; made by the first who asks, whoever else asks at the same time. */
function readSecret(folder: string): Buffer {
  const place = join(folder, "secret");
  try {
    const status = statSync(place);
    if (status.uid === process.getuid?.() && (status.mode & 0o077) === 0 && status.size === 32) {
      return readFileSync(place);
    }
    rmSync(place); // of another user or readable to others: what it signed is not believed any more
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const own = `${place}.${randomBytes(6).toString("hex")}`;
  writeFileSync(own, randomBytes(32), { flag: "wx", mode: 0o600 });
  try {
    linkSync(own, place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(own);
  }
  return readFileSync(place);
}

export class DiskCache {
  readonly #setup: DiskCacheSetup;
  readonly #entries: string;
  #secret: Buffer;
  #putsLeft = 0;

  private constructor(setup: DiskCacheSetup) {
    this.#setup = setup;
    this.#entries = join(setup.folder, setup.kind);
    this.#secret = this.#prepare();
  }

  /** Makes what is missing of the folder; returns its secret. Throws when the folder is not this user's alone. */
  #prepare(): Buffer {
    makePrivate(this.#setup.folder);
    makePrivate(this.#entries);
    return readSecret(this.#setup.folder);
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
    let content: Buffer;
    try {
      content = await readFile(place);
    } catch {
      return undefined;
    }
    const entry = this.#parse(key, content) ?? this.#parseAnew(key, content);
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
      this.#secret = this.#prepare();
      const header = Buffer.from(`${JSON.stringify({ format: 1, files, note: entry.note })}\n`);
      const signed = [header, ...entry.files.map(({ data }) => data)];
      await writeFile(own, [`${this.#code(key, signed)}\n`, ...signed], { flag: "wx", mode: 0o600 });
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

  #code(key: string, signed: readonly Uint8Array[]): string {
    const code = createHmac("sha256", this.#secret).update(`${this.#setup.kind} ${key}\n`);
    for (const part of signed) code.update(part);
    return code.digest("hex");
  }

  /** The entry by the secret that is in the folder at this time, if that is another one. */
  #parseAnew(key: string, content: Buffer): CacheEntry | undefined {
    try {
      const secret = this.#prepare();
      if (secret.equals(this.#secret)) return undefined;
      this.#secret = secret;
    } catch {
      return undefined;
    }
    return this.#parse(key, content);
  }

  #parse(key: string, content: Buffer): CacheEntry | undefined {
    if (content.length <= codeLength || content[codeLength] !== newline) return undefined;
    const signed = content.subarray(codeLength + 1);
    if (!timingSafeEqual(Buffer.from(this.#code(key, [signed])), content.subarray(0, codeLength))) return undefined;
    const end = signed.indexOf(newline);
    const header = cacheHeaderSchema.safeParse(JSON.parse(signed.subarray(0, end).toString("utf8")));
    if (!header.success) return undefined;
    const { files, note } = header.data;
    let offset = end + 1;
    const entries = files.map(({ path, size }) => {
      offset += size;
      return { path, data: signed.subarray(offset - size, offset) };
    });
    return { files: entries, note };
  }
}
