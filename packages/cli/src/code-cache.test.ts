import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { keepCache, load } from "./code-cache.ts";

const folder = mkdtempSync(join(tmpdir(), "glovebox-unit-"));
afterAll(() => rmSync(folder, { recursive: true }));
const seen: unknown[] = [];
/** In place of `require`: whatever the file asks for is the list. */
const giveList = Object.assign(() => seen, createRequire(import.meta.url));
beforeEach(() => void seen.splice(0));

function write(name: string): string {
  const file = join(folder, name);
  writeFileSync(file, 'require("node:module").push((() => __filename)(), __dirname);');
  return file;
}

/** What was kept of one file as the cache of another, which V8 has not seen in this process, changed by `change`. */
function loadWith(name: string, change: (cache: Buffer) => Buffer) {
  const other = write(`other-of-${name}`);
  keepCache(other, load(other, giveList));
  const file = write(name);
  writeFileSync(`${file}.cache`, change(readFileSync(`${other}.cache`)));
  const { cachedDataRejected } = load(file, giveList);
  expect(seen).toEqual([other, folder, file, folder]);
  return cachedDataRejected;
}

test("a file without a cache is compiled", () => {
  const file = write("none.js");
  expect(load(file, giveList).cachedDataRejected).toBeUndefined();
  expect(seen).toEqual([file, folder]);
});

test("the code that was kept is taken by the next", () => {
  expect(loadWith("kept.js", (cache) => cache)).toBe(false);
});

test("a cache of another version of V8 is refused, and the file compiled", () => {
  const versionAt = 4; // after a magic number
  const change = (cache: Buffer) => {
    cache.writeUInt32LE((cache.readUInt32LE(versionAt) ^ 1) >>> 0, versionAt);
    return cache;
  };
  expect(loadWith("version.js", change)).toBe(true);
});

test("a cache that is cut off is refused, and the file compiled", () => {
  expect(loadWith("short.js", (cache) => cache.subarray(0, 100))).toBe(true);
});
