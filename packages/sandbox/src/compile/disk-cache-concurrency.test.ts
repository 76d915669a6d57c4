import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cacheFolder } from "../../test/support/cache-folder.ts";
import { reportOf, startWorker } from "../../test/support/cache-processes.ts";
import { entryOf, keyOf } from "../../test/support/cache-worker.ts";
import { stretched } from "../../test/support/host-slowness.ts";

const { folder, log, open, place, names } = cacheFolder();

describe("processes that use one folder at once", () => {
  it("never see an entry that is not whole", { timeout: stretched(60_000) }, async () => {
    const reports = await Promise.all([1, 2, 3, 4].map(() => reportOf(startWorker([folder(), 1 << 30, 10, 12]))));
    for (const { wrong, hits, misses, log: lines } of reports) {
      expect({ wrong, lines, all: hits + misses }).toEqual({ wrong: 0, lines: [], all: 400 });
      expect(hits).toBeGreaterThan(50);
    }
    const cache = open();
    for (let number = 0; number < 12; number++) expect(await cache.get(keyOf(number))).toEqual(entryOf(number));
    expect(names()).toEqual(Array.from({ length: 12 }, (_, number) => keyOf(number)).sort());
    expect(readdirSync(folder()).sort()).toEqual(["compiled"]);
    expect(log).toEqual([]);
  });

  it("may delete each other's entries at any moment, which costs time and nothing else", {
    timeout: stretched(60_000),
  }, async () => {
    const reports = await Promise.all([1, 2, 3].map(() => reportOf(startWorker([folder(), 150_000, 10, 12]))));
    for (const { wrong, misses, log: lines } of reports) {
      expect({ wrong, lines: lines.filter((line) => line.includes("damaged")) }).toEqual({ wrong: 0, lines: [] });
      expect(misses).toBeGreaterThan(12);
    }
    await open({ maxBytes: 150_000 }).sweep();
    const left = names().filter((name) => !name.endsWith(".part"));
    expect(left.reduce((sum, name) => sum + statSync(place(name)).size, 0)).toBeLessThanOrEqual(150_000);
  });

  it("may be killed while they write: what they leave is no entry", { timeout: stretched(60_000) }, async () => {
    const children = [1, 2, 3].map(() => startWorker([folder(), 1 << 30, 1_000_000, 12]));
    const closed = children.map((child) => once(child, "close"));
    await expect.poll(() => existsSync(place(keyOf(0))), { timeout: stretched(30_000) }).toBe(true);
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(closed);
    const cache = open();
    for (let number = 0; number < 12; number++) {
      const found = await cache.get(keyOf(number));
      if (found !== undefined) expect(found).toEqual(entryOf(number));
    }
    expect(log).toEqual([]);
  });
});
