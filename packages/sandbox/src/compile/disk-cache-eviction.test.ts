import { mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder, day, hour } from "../../test/support/cache-folder.ts";
import { keyOf } from "../../test/support/cache-worker.ts";
import type { DiskCache } from "./disk-cache.ts";

const { log, open, place, names } = cacheFolder();

describe("a cache that is over its bounds", () => {
  const sized = (bytes: number) => ({ files: [{ path: "program", data: Buffer.alloc(bytes) }], note: null });

  /** Puts entries 1 to `count` of 1000 bytes each, the first one the longest ago. */
  async function fill(cache: DiskCache, count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      await cache.put(keyOf(number), sized(1_000));
      age(keyOf(number), (100 - number) * 60_000);
    }
  }
  function age(name: string, milliseconds: number): void {
    const time = new Date(Date.now() - milliseconds);
    utimesSync(place(name), time, time);
  }
  const there = (...numbers: number[]) => numbers.map(keyOf).sort();

  it("loses those that were written longest ago, and no more than it must", async () => {
    await fill(open(), 5);
    await open({ maxBytes: 4_000 }).sweep();
    expect(names()).toEqual(there(3, 4, 5));
  });

  it("counts reading as use: what was read just now stays", async () => {
    const cache = open();
    await fill(cache, 5);
    await cache.get(keyOf(1));
    await open({ maxBytes: 4_000 }).sweep();
    expect(names()).toEqual(there(1, 4, 5));
  });

  it("loses nothing while it is within them", async () => {
    const cache = open({ maxBytes: 10_000 });
    await fill(cache, 5);
    await cache.sweep();
    expect(names()).toEqual(there(1, 2, 3, 4, 5));
  });

  it("loses what nobody read for too long, however little it is", async () => {
    const cache = open({ maxAgeMs: 30 * day });
    await fill(cache, 3);
    age(keyOf(1), 30 * day + hour);
    age(keyOf(2), 30 * day - hour);
    await cache.sweep();
    expect(names()).toEqual(there(2, 3));
  });

  it("is swept by what is put into it, again and again", async () => {
    const cache = open({ maxBytes: 20_000 });
    for (let number = 1; number <= 200; number++) await cache.put(keyOf(number), sized(1_000));
    const bytes = names().reduce((sum, name) => sum + statSync(place(name)).size, 0);
    expect(bytes).toBeLessThan(20_000 + 20 * 1_300);
    expect(names().length).toBeGreaterThan(10);
  });

  it("does not take an entry that is over the bound alone, and keeps what it has", async () => {
    const cache = open({ maxBytes: 5_000 });
    await fill(cache, 2);
    await cache.put(keyOf(3), sized(5_001));
    expect(names()).toEqual(there(1, 2));
    expect(log).toEqual([]);
  });

  it("loses half-written files of writers that died, and none of those that still write", async () => {
    const cache = open();
    const parts = ["old", "new"].map((name) => place(`${keyOf(1)}.${name}.part`));
    for (const part of parts) writeFileSync(part, "half");
    utimesSync(parts[0] ?? "", new Date(), new Date(Date.now() - hour - 60_000));
    await cache.sweep();
    expect(names()).toEqual([`${keyOf(1)}.new.part`]);
  });

  it("does not stumble over what is none of its entries", async () => {
    const cache = open({ maxBytes: 1_500 });
    const long = new Date(Date.now() - 60 * day);
    mkdirSync(place("a-folder"));
    mkdirSync(place(keyOf(9)));
    writeFileSync(join(place(keyOf(9)), "content"), "x");
    for (const name of ["a-folder", keyOf(9)]) utimesSync(place(name), long, long);
    await fill(cache, 3);
    await cache.sweep();
    expect(names()).toContain(keyOf(3));
    expect(names()).not.toContain(keyOf(1));
    expect(await cache.get(keyOf(3))).toEqual(sized(1_000));
  });
});
