import { createHash, createHmac } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder, entry, key, otherKey } from "../../test/support/cache-folder.ts";
import type { CacheEntry } from "./disk-cache.ts";

const { folder, log, open, place, names } = cacheFolder();
const damaged = (name = key) => `compile cache: entry ${name} was damaged or changed; it is deleted`;

describe("an entry that is not as it was put is absent, is deleted, and the log says so", () => {
  /** Puts the entry, lets `change` loose on its bytes, and looks for it. */
  async function afterChange(change: (content: Buffer) => Buffer): Promise<CacheEntry | undefined> {
    const cache = open();
    await cache.put(key, entry);
    const before = readFileSync(place());
    writeFileSync(place(), change(Buffer.from(before)));
    log.length = 0;
    return cache.get(key);
  }

  it("control: an entry that is written again byte for byte is there", async () => {
    expect(await afterChange((content) => content)).toEqual(entry);
    expect(log).toEqual([]);
  });

  it("with any single byte changed, in the header, the checksum and the content", async () => {
    const cache = open();
    await cache.put(key, entry);
    const whole = readFileSync(place());
    const survived: string[] = [];
    log.length = 0;
    for (let index = 0; index < whole.length; index++) {
      for (const bits of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(whole);
        changed[index] = (changed[index] ?? 0) ^ bits;
        writeFileSync(place(), changed);
        if ((await cache.get(key)) !== undefined) survived.push(`${index} ^ ${bits}`);
        if (existsSync(place())) survived.push(`${index} ^ ${bits} is still there`);
      }
    }
    expect(survived).toEqual([]);
    expect(new Set(log)).toEqual(new Set([damaged()]));
    expect(log.length).toBe(3 * whole.length);
  });

  it("cut off at any place", async () => {
    const cache = open();
    await cache.put(key, entry);
    const whole = readFileSync(place());
    const survived: number[] = [];
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(place(), whole.subarray(0, length));
      if ((await cache.get(key)) !== undefined || existsSync(place())) survived.push(length);
    }
    expect(survived).toEqual([]);
  });

  it.each([
    ["with a byte more", (content: Buffer) => Buffer.concat([content, Buffer.from([0])])],
    ["with a newline more", (content: Buffer) => Buffer.concat([content, Buffer.from("\n")])],
    ["with a byte before it", (content: Buffer) => Buffer.concat([Buffer.from(" "), content])],
    ["twice behind each other", (content: Buffer) => Buffer.concat([content, content])],
    ["all zeros, as a machine that lost its power leaves it", (content: Buffer) => Buffer.alloc(content.length)],
    [
      "with blanks in its header",
      (content: Buffer) => Buffer.from(content.toString("latin1").replace("[{", "[ {"), "latin1"),
    ],
  ])("%s", async (_, change) => {
    expect(await afterChange(change)).toBeUndefined();
    expect(log).toEqual([damaged()]);
    expect(names()).toEqual([]);
  });

  it("under the name of another key", async () => {
    const cache = open();
    await cache.put(key, entry);
    renameSync(place(), place(otherKey));
    expect(await cache.get(otherKey)).toBeUndefined();
    expect(log).toEqual([damaged(otherKey)]);
    expect(names()).toEqual([]);
  });

  it("from another kind of cache under the same key", async () => {
    await open({ kind: "warm" }).put(key, entry);
    const cache = open();
    copyFileSync(join(folder(), "warm", key), place());
    expect(await cache.get(key)).toBeUndefined();
  });

  it("with the checksum, the header or the content of another entry", async () => {
    const cache = open();
    const twin = {
      files: entry.files.map(({ path, data }) => ({ path, data: Buffer.alloc(data.length, 7) })),
      note: 1,
    };
    await cache.put(key, entry);
    await cache.put(otherKey, twin);
    const parts = (content: Buffer) => {
      const [code, header] = content.toString("latin1").split("\n");
      const start = (code?.length ?? 0) + (header?.length ?? 0) + 2;
      return { code: `${code}\n`, header: `${header}\n`, body: content.subarray(start).toString("latin1") };
    };
    const [one, two] = [parts(readFileSync(place())), parts(readFileSync(place(otherKey)))];
    const mixtures = [
      [one.code, one.header, two.body],
      [one.code, two.header, one.body],
      [one.code, two.header, two.body],
      [two.code, one.header, one.body],
      [two.code, two.header, two.body],
    ];
    for (const mixture of mixtures) {
      writeFileSync(place(), mixture.join(""), "latin1");
      expect(await cache.get(key)).toBeUndefined();
    }
    writeFileSync(place(), [one.code, one.header, one.body].join(""), "latin1");
    expect(await cache.get(key)).toEqual(entry);
  });

  type Sum = (body: Buffer) => string;
  const sumOver =
    (head: string): Sum =>
    (body) =>
      createHash("sha256").update(head).update(body).digest("hex");
  const right = sumOver(`compiled ${key}\n`);

  /** An entry as the cache would write it, with a checksum made by `sum`. */
  function written(sum: Sum, path = "program"): Buffer {
    const header = JSON.stringify({ format: 1, files: [{ path, size: 4 }], note: null });
    const body = Buffer.from(`${header}\nevil`);
    return Buffer.concat([Buffer.from(`${sum(body)}\n`), body]);
  }

  it("with a checksum that is not over its kind, its name and its content, or with a code of a secret", async () => {
    const cache = open();
    const hmac: Sum = (body) =>
      createHmac("sha256", Buffer.alloc(32)).update(`compiled ${key}\n`).update(body).digest("hex");
    const others = [sumOver(""), sumOver(`warm ${key}\n`), sumOver(`compiled ${otherKey}\n`)];
    for (const sum of [...others, hmac, () => "0".repeat(64), () => ""]) {
      writeFileSync(place(), written(sum));
      expect(await cache.get(key)).toBeUndefined();
      expect(names()).toEqual([]);
    }
    writeFileSync(place(), written(right));
    expect((await cache.get(key))?.files).toEqual([{ path: "program", data: Buffer.from("evil") }]);
  });

  it("with a file whose name leads elsewhere, even if its checksum is right", async () => {
    const cache = open();
    for (const path of ["../program", "/etc/passwd", "a/../../b", ".", "", "a\0b", "a//b"]) {
      writeFileSync(place(), written(right, path));
      expect([path, await cache.get(key)]).toEqual([path, undefined]);
    }
  });

  it("and the next one who puts it has it again", async () => {
    expect(await afterChange((content) => content.subarray(1))).toBeUndefined();
    const cache = open();
    await cache.put(key, entry);
    expect(await cache.get(key)).toEqual(entry);
  });

  it("a folder or a dangling link in its place is absent too, and harms nobody", async () => {
    const cache = open();
    mkdirSync(place());
    symlinkSync("nowhere", place(otherKey));
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.get(otherKey)).toBeUndefined();
    await cache.put(key, entry);
    await cache.put(otherKey, entry);
    await cache.sweep();
    expect(await cache.get(otherKey)).toEqual(entry);
  });
});
