import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder } from "../../test/support/cache-folder.ts";
import { reportOf, startWorker } from "../../test/support/cache-processes.ts";
import { entryOf, keyOf } from "../../test/support/cache-worker.ts";
import { stretched } from "../../test/support/host-slowness.ts";

const { parent, folder, open, place, names } = cacheFolder();

describe("a disk that does not take what is written", () => {
  /** Root is refused nothing by the modes of files while it has these capabilities. */
  const asOthers =
    process.getuid?.() === 0
      ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
      : [];

  it("because it is read-only is no failure: what is there is read, what is damaged is absent", {
    timeout: stretched(20_000),
  }, async () => {
    const cache = open();
    await cache.put(keyOf(0), entryOf(0));
    writeFileSync(place(keyOf(1)), "damaged");
    chmodSync(join(folder(), "compiled"), 0o500);
    const { wrong, hits, misses, log: lines } = await reportOf(startWorker([folder(), 1 << 30, 3, 2], asOthers));
    chmodSync(join(folder(), "compiled"), 0o700);
    expect(wrong).toBe(0);
    expect(hits).toBeGreaterThan(0);
    expect(hits + misses).toBe(120);
    expect(new Set(lines.map((line) => line.split(":")[1]))).toEqual(
      new Set([` entry ${keyOf(1)} was damaged or changed; it is deleted`, " an entry could not be written"]),
    );
    expect(names()).toEqual([keyOf(0), keyOf(1)].sort());
  });

  it("because the folder cannot be made is no failure: there is no cache", { timeout: stretched(20_000) }, async () => {
    chmodSync(parent(), 0o500);
    const report = await reportOf(startWorker([folder(), 1 << 30, 1, 1], asOthers));
    chmodSync(parent(), 0o700);
    expect(report).toEqual({
      hits: 0,
      misses: 0,
      wrong: 0,
      log: [expect.stringMatching(/^compile cache: goes without the disk, because EACCES/)],
    });
  });

  it("because it is full is no failure, and nothing half-written stays", { timeout: stretched(20_000) }, async () => {
    open();
    const limited = ["prlimit", "--fsize=30000"];
    const { wrong, misses, log: lines } = await reportOf(startWorker([folder(), 1 << 30, 3, 12], limited));
    expect(wrong).toBe(0);
    expect(misses).toBeGreaterThan(6);
    expect(new Set(lines)).toEqual(
      new Set(["compile cache: an entry could not be written: EFBIG: file too large, write"]),
    );
    const small = [0, 1, 2, 3, 4, 5, 6].map(keyOf);
    expect(names().filter((name) => !small.includes(name))).toEqual([]);
    expect(names().length).toBeGreaterThan(0);
  });
});
