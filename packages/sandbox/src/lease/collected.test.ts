import { expect, it } from "vitest";
import { Collected } from "./collected.ts";

function collected(...pieces: Uint8Array[]): Buffer {
  const all = new Collected();
  for (const piece of pieces) all.push(piece);
  return all.bytes();
}

it("holds nothing at first, and pieces of nothing add nothing", () => {
  expect(collected()).toEqual(Buffer.alloc(0));
  expect(collected(Buffer.alloc(0), Buffer.from("a"), Buffer.alloc(0))).toEqual(Buffer.from("a"));
});

it("holds the same bytes however they came", () => {
  const whole = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
  for (const size of [1, 7, 1_023, 1_024, 1_025, 4_000, 10_000]) {
    const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    );
    expect(collected(...pieces).equals(whole)).toBe(true);
  }
});

it("holds a piece larger than any block", () => {
  const large = Buffer.alloc(5 * 1024 * 1024, "large ");
  const whole = Buffer.concat([Buffer.from("a"), large, Buffer.from("b")]);
  expect(collected(Buffer.from("a"), large, Buffer.from("b")).equals(whole)).toBe(true);
});

it("keeps what came, not the memory that it came in", () => {
  const piece = Buffer.from("abc");
  const all = new Collected();
  all.push(piece);
  piece.fill("x");
  expect(all.bytes().toString()).toBe("abc");
});

it("may be read in between and goes on", () => {
  const all = new Collected();
  all.push(Buffer.from("ab"));
  expect(all.bytes().toString()).toBe("ab");
  all.push(Buffer.from("cd"));
  expect(all.bytes().toString()).toBe("abcd");
});

it("takes little more memory than its bytes, however small the pieces are", () => {
  const before = process.memoryUsage().arrayBuffers;
  const all = new Collected();
  const piece = Buffer.from("x");
  for (let count = 0; count < 1_000_000; count++) all.push(piece);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
  expect(all.bytes().length).toBe(1_000_000);
});
