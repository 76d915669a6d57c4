import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileNameSchema } from "@glovebox/protocol";
import { z } from "zod";

/*
 * What compilers made, kept on disk over the life of the processes that made it.
 *
 * An entry is one file, named by the hash of everything that went into it: a line of JSON, then the files' bytes. It
 * is written under another name and renamed, so a reader sees all of it or none, and of several writers the last one
 * wins with the same content. Each entry carries a code (HMAC-SHA256) over its own name and all of its bytes, with a
 * secret that lies beside the entries. An entry that was damaged, changed, or put under another name does not have the right
 * code: it is deleted and counts as absent.
 *
 * The folder belongs to one user alone. Reading an entry renews its time; entries that nobody has read for long go
 * first, when the folder is over its bound.
 */

const headerSchema = z.strictObject({
  format: z.literal(1),
  files: z.array(z.strictObject({ path: fileNameSchema, size: z.int().nonnegative() })).max(10_000),
  /** What the maker wants to know again; it has a schema of its own. */
  note: z.unknown(),
  code: z.string().regex(/^[0-9a-f]{64}$/),
});

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
const putsBetweenSweeps = 16;
const keyPattern = /^[0-9a-f]{64}$/;
const unfinishedForMs = 3_600_000;

/** Where a user's cache is by default. */
export function defaultCacheFolder(): string {
  const { XDG_CACHE_HOME: named, HOME: home = homedir() } = process.env;
  if (named?.startsWith("/") === true) return join(named, "glovebox");
  return home.startsWith("/") && home !== "/" ? join(home, ".cache", "glovebox") : join(tmpdir(), "glovebox-cache");
}

/** Makes the folder for this user alone. Throws when somebody else owns it or can write to it. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const status = statSync(folder);
  if (status.uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user`);
  if ((status.mode & 0o077) !== 0) {
    if ((status.mode & 0o022) !== 0) throw new Error(`${folder} can be written by other users`);
    chmodSync(folder, 0o700);
  }
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
  readonly #secret: Buffer;
  #putsLeft = 0;

  private constructor(setup: DiskCacheSetup, secret: Buffer) {
    this.#setup = setup;
    this.#entries = join(setup.folder, setup.kind);
    this.#secret = secret;
  }

  /** Opens the cache, or says in the log why there is none and returns undefined. */
  static open(setup: DiskCacheSetup): DiskCache | undefined {
    try {
      makePrivate(setup.folder);
      const cache = new DiskCache(setup, readSecret(setup.folder));
      makePrivate(cache.#entries);
      return cache;
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
    const entry = this.#parse(key, content);
    if (entry === undefined) {
      this.#setup.log(`compile cache: entry ${key} was damaged or changed; it is deleted`);
      await rm(place, { force: true });
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
    try {
      const files = entry.files.map(({ path, data }) => ({ path, size: data.length }));
      const body = Buffer.concat(entry.files.map(({ data }) => data));
      if (body.length > this.#setup.maxBytes) return;
      const code = this.#code(key, files, entry.note, body);
      const header = Buffer.from(`${JSON.stringify({ format: 1, files, note: entry.note, code })}\n`);
      await writeFile(own, Buffer.concat([header, body]), { flag: "wx", mode: 0o600 });
      await rename(own, place);
    } catch (error) {
      this.#setup.log(`compile cache: an entry could not be written: ${(error as Error).message}`);
      await rm(own, { force: true }).catch(() => {});
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
      if (unfinished || status.mtimeMs < oldest) await rm(place, { force: true });
      else found.push({ place, bytes: status.size, time: status.mtimeMs });
    }
    let bytes = found.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of found.sort((one, other) => one.time - other.time)) {
      if (bytes <= this.#setup.maxBytes) return;
      await rm(entry.place, { force: true });
      bytes -= entry.bytes;
    }
  }

  #place(key: string): string {
    if (!keyPattern.test(key)) throw new Error(`no key of the cache: ${key}`);
    return join(this.#entries, key);
  }

  #code(key: string, files: readonly { path: string; size: number }[], note: unknown, body: Uint8Array): string {
    const head = JSON.stringify([key, files, note]);
    return createHmac("sha256", this.#secret).update(`${head.length}\n${head}`).update(body).digest("hex");
  }

  #parse(key: string, content: Buffer): CacheEntry | undefined {
    const end = content.indexOf(newline);
    if (end < 0) return undefined;
    let parsed: unknown;
    try {
      parsed = JSON.parse(content.subarray(0, end).toString("utf8"));
    } catch {
      return undefined;
    }
    const header = headerSchema.safeParse(parsed);
    if (!header.success) return undefined;
    const { files, note, code } = header.data;
    const body = content.subarray(end + 1);
    if (files.reduce((sum, { size }) => sum + size, 0) !== body.length) return undefined;
    const right = Buffer.from(this.#code(key, files, note, body), "hex");
    if (!timingSafeEqual(right, Buffer.from(code, "hex"))) return undefined;
    let offset = 0;
    const entries = files.map(({ path, size }) => {
      offset += size;
      return { path, data: body.subarray(offset - size, offset) };
    });
    return { files: entries, note };
  }
}
