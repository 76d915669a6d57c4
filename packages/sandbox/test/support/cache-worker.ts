/**
 * A process that uses a cache together with others. Arguments: the folder, the bound in bytes, the rounds, and
 * how many keys there are. It prints one line of JSON, see `Report`.
 */
import { createHash } from "node:crypto";
import { type CacheEntry, DiskCache } from "../../src/compile/disk-cache.ts";

export interface Report {
  /** Entries that were there, each of them as it was put. */
  readonly hits: number;
  readonly misses: number;
  /** Entries that were there in another form. */
  readonly wrong: number;
  /** What the cache wrote to the log. */
  readonly log: readonly string[];
}

/** The key of a number. */
export function keyOf(number: number): string {
  return createHash("sha256").update(String(number)).digest("hex");
}

/** What everybody puts under a key: the larger the number, the larger the entry. */
export function entryOf(number: number): CacheEntry {
  const part = createHash("sha512").update(String(number)).digest();
  const data = Buffer.concat(Array.from({ length: 64 * (1 + (number % 16)) }, () => part));
  return { files: [{ path: "program", data }], note: { number } };
}

async function use(cache: DiskCache, number: number, tally: { hits: number; misses: number; wrong: number }) {
  const wanted = entryOf(number);
  const found = await cache.get(keyOf(number));
  if (found === undefined) {
    tally.misses += 1;
    await cache.put(keyOf(number), wanted);
  } else if (
    JSON.stringify(found.note) === JSON.stringify(wanted.note) &&
    found.files.length === 1 &&
    found.files[0]?.path === "program" &&
    wanted.files[0]?.data.equals(found.files[0].data) === true
  ) {
    tally.hits += 1;
    if (Math.random() < 0.2) await cache.put(keyOf(number), wanted);
  } else tally.wrong += 1;
}

if (process.argv[1] === import.meta.filename) {
  const [folder = "", maxBytes, rounds, keys] = process.argv.slice(2);
  const log: string[] = [];
  const setup = { folder, kind: "compiled", maxBytes: Number(maxBytes), maxAgeMs: 3_600_000 } as const;
  const cache = DiskCache.open({ ...setup, log: (line) => log.push(line) });
  const tally = { hits: 0, misses: 0, wrong: 0 };
  for (let round = 0; round < Number(rounds) && cache !== undefined; round++) {
    const numbers = Array.from({ length: 40 }, () => Math.floor(Math.random() * Number(keys)));
    await Promise.all(numbers.map((number) => use(cache, number, tally)));
  }
  console.log(JSON.stringify({ ...tally, log } satisfies Report));
}
