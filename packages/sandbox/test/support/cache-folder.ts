import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type CacheEntry, DiskCache, type DiskCacheSetup } from "../../src/compile/disk-cache.ts";
import { keyOf } from "./cache-worker.ts";

export const hour = 3_600_000;
export const day = 24 * hour;
export const key = keyOf(1);
export const otherKey = keyOf(2);

export const entry: CacheEntry = {
  files: [
    { path: "program", data: Buffer.from("the program\n\0\xff", "latin1") },
    { path: "lib/empty", data: Buffer.alloc(0) },
  ],
  note: { outcome: { kind: "exited", code: 0 }, stderr: "warning: »x«\n", ratio: 0.1 },
};

export interface CacheFolder {
  /** The folder that the cache is in, with nothing else. */
  readonly parent: () => string;
  readonly folder: () => string;
  /** What the caches wrote to the log in this test. */
  readonly log: string[];
  readonly tryOpen: (change?: Partial<DiskCacheSetup>) => DiskCache | undefined;
  /** Throws when there is no cache. */
  readonly open: (change?: Partial<DiskCacheSetup>) => DiskCache;
  /** The path of an entry. */
  readonly place: (name?: string) => string;
  /** The names of the entries. */
  readonly names: () => string[];
}

/** A folder for a cache, another one for each test of the file. */
export function cacheFolder(): CacheFolder {
  let parent = "";
  const log: string[] = [];
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "glovebox-cache-test-"));
    log.length = 0;
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  const folder = () => join(parent, "cache");
  const tryOpen = (change: Partial<DiskCacheSetup> = {}) => {
    const setup = { folder: folder(), kind: "compiled", maxBytes: 1 << 30, maxAgeMs: 30 * day, ...change } as const;
    return DiskCache.open({ ...setup, log: (line) => log.push(line) });
  };
  const open = (change: Partial<DiskCacheSetup> = {}) => {
    const cache = tryOpen(change);
    if (cache === undefined) throw new Error(`no cache: ${log.join("; ")}`);
    return cache;
  };
  const place = (name = key) => join(folder(), "compiled", name);
  const names = () => readdirSync(join(folder(), "compiled")).sort();
  return { parent: () => parent, folder, log, tryOpen, open, place, names };
}
