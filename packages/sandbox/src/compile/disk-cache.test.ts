import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder, entry, key } from "../../test/support/cache-folder.ts";

const { folder, log, open, place, names } = cacheFolder();

describe("an entry of the disk cache", () => {
  it("comes back as it was put: files, bytes, order, note", async () => {
    const cache = open();
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, entry);
    expect(await cache.get(key)).toEqual(entry);
    expect(log).toEqual([]);
  });

  it("comes back to another instance and to another process of the same folder", async () => {
    await open().put(key, entry);
    expect(await open().get(key)).toEqual(entry);
  });

  it("may have no file, no note, many files and large ones", async () => {
    const cache = open();
    const many = Array.from({ length: 1_000 }, (_, index) => ({
      path: `d/${index}`,
      data: Buffer.from([index & 255]),
    }));
    const large = [{ path: "large", data: randomBytes(9 * 1024 * 1024) }];
    for (const files of [[], many, large]) {
      await cache.put(key, { files, note: null });
      const found = await cache.get(key);
      expect(found?.note).toBeNull();
      expect(found?.files.length).toBe(files.length);
      expect(found?.files.every((file, index) => file.data.equals(files[index]?.data ?? Buffer.alloc(1)))).toBe(true);
    }
    expect(log).toEqual([]);
  });

  it("keeps names and notes that are not plain text", async () => {
    const note = { text: "\u0000\u001f\ud800\ufffd", 10: "a", 9: "b", tiny: 5e-324, deep: [[{ __proto: null }]] };
    const strange = { files: [{ path: 'a "b" \\ \n \u2028 é', data: Buffer.from("x") }], note };
    const cache = open();
    await cache.put(key, strange);
    expect(await cache.get(key)).toEqual(strange);
    expect(log).toEqual([]);
  });

  it("is replaced by a later one under the same key", async () => {
    const cache = open();
    await cache.put(key, entry);
    await cache.put(key, { files: [], note: "later" });
    expect(await cache.get(key)).toEqual({ files: [], note: "later" });
    expect(names()).toEqual([key]);
  });

  it("is not found by another kind of cache in the same folder", async () => {
    await open().put(key, entry);
    const warm = open({ kind: "warm" });
    expect(await warm.get(key)).toBeUndefined();
    await warm.put(key, { files: [], note: "warm" });
    expect(await open().get(key)).toEqual(entry);
  });

  it.each(["", "../compiled/x", "0".repeat(63), "0".repeat(65), "A".repeat(64), `${"0".repeat(63)}/`])(
    "has no key like %j",
    async (wrong) => {
      const cache = open();
      await expect(cache.get(wrong)).rejects.toThrow("no key of the cache");
      await expect(cache.put(wrong, entry)).rejects.toThrow("no key of the cache");
      expect(names()).toEqual([]);
    },
  );

  it("and its folder are for this user alone, whatever the umask is", async () => {
    const umask = process.umask(0);
    try {
      await open().put(key, entry);
    } finally {
      process.umask(umask);
    }
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect([mode(folder()), mode(join(folder(), "compiled")), mode(place())]).toEqual(["700", "700", "600"]);
  });
});
