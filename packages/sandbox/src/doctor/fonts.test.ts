import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { charactersOf } from "./font-characters.ts";
import { checkFonts } from "./fonts.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glovebox-fonts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const words = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 0xff])));
function longs(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

/** Format 4: U+0041 by its delta, U+3042 and U+3043 by a list of glyphs, in which the second has none. */
const segments = Buffer.concat([
  words(4, 16 + 8 * 3 + 4, 0, 6, 0, 0, 0),
  words(0x41, 0x3043, 0xffff),
  words(0),
  words(0x41, 0x3042, 0xffff),
  words(10, 0, 1),
  words(0, 4, 0),
  words(7, 0),
]);
/** Format 12: all from U+4E00 to U+4E2D. */
const groups = Buffer.concat([words(12, 0), longs(28, 0, 1, 0x4e00, 0x4e2d, 5)]);

/** A font with nothing but its table of characters; `head` is what stands before it in a collection. */
function font(encoding: readonly [number, number], table: Buffer, head: Buffer = Buffer.alloc(0)): Buffer {
  const cmap = Buffer.concat([words(0, 1, ...encoding), longs(12), table]);
  const records = Buffer.concat([Buffer.from("cmap"), longs(0, head.length + 28, cmap.length)]);
  return Buffer.concat([head, longs(0x00010000), words(1, 0, 0, 0), records, cmap]);
}

function write(name: string, content: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

it("the characters of a font are those that its table gives a glyph", () => {
  const path = write("a.ttf", font([3, 1], segments));
  expect(charactersOf(path, ["A", "B", "\u3042", "\u3043", "\u4e2d"])).toEqual(["A", "\u3042"]);
  expect(charactersOf(write("b.otf", font([3, 10], groups)), ["A", "\u4e2d", "\u4e2e"])).toEqual(["\u4e2d"]);
});

it("those of a collection are those of its first font", () => {
  const head = Buffer.concat([Buffer.from("ttcf"), longs(0x00010000, 1, 16)]);
  expect(charactersOf(write("a.ttc", font([0, 3], segments, head)), ["A", "B"])).toEqual(["A"]);
});

it("a file that is no font, is cut off or cannot be read has none", () => {
  const whole = font([3, 1], segments);
  for (let length = 0; length < whole.length - 20; length += 3) {
    expect(charactersOf(write("cut.ttf", whole.subarray(0, length)), ["\u3042"])).toEqual([]);
  }
  expect(charactersOf(write("macintosh.ttf", font([1, 0], segments)), ["A"])).toEqual([]);
  expect(charactersOf(join(folder, "no-such-font"), ["A"])).toEqual([]);
});

it("the doctor names the languages that no font has, and the package that has all", () => {
  mkdirSync(join(folder, "deep"));
  write("deep/a.ttf", font([3, 1], segments));
  expect(checkFonts([folder, join(folder, "none")])).toEqual({
    id: "fonts",
    title: "fonts with Chinese, Japanese and Korean characters",
    status: "degraded",
    found: "no font has those of Chinese, Korean",
    cost: "plots show boxes in their place, with a warning for each",
    fix: "sudo apt-get install -y fonts-wqy-microhei   # has all three in 5 MB",
  });
});

it("the doctor is content with several fonts that have all together", () => {
  const all = write("a.TTF", font([3, 1], segments));
  const han = write("b.otf", font([3, 10], groups));
  const hangul = Buffer.concat([words(12, 0), longs(28, 0, 1, 0xac00, 0xd7a3, 9)]);
  const korean = write("c.ttc", font([3, 10], hangul));
  write("d.ttf", font([3, 10], groups));
  write("notes.txt", font([3, 10], groups));
  expect(checkFonts([folder])).toMatchObject({ status: "ok", found: `${all}, ${han}, ${korean}`, cost: "", fix: null });
});
