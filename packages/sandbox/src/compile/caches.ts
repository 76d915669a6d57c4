import { DiskCache } from "./disk-cache.ts";

const maxBytes = 1024 ** 3;
const maxAgeMs = 30 * 24 * 3_600_000;

/**
 * One of the two caches in a folder: products of programs, or what the programs of a language start faster with. Says in
 * the log why there is none where it returns undefined.
 */
export function openCache(
  kind: "compiled" | "warm",
  folder: string,
  log: (line: string) => void,
): DiskCache | undefined {
  return DiskCache.open({ folder, kind, maxBytes, maxAgeMs, log });
}
