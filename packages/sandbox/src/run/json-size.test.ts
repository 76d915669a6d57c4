import { expect, it } from "vitest";
import { JsonSize } from "./json-size.ts";

it.each([
  ["", 0],
  ["plain text", 10],
  ["\x01\x1b\0", 18],
  ['"\\\n\t\r', 10],
  ["é€😀", 9],
  [Buffer.from([0xff, 0xfe]), 6],
])("%j is %i bytes of JSON", (text, expected) => {
  expect(new JsonSize().of(Buffer.from(text))).toBe(expected);
});

it("counts a character that comes in pieces once", () => {
  const size = new JsonSize();
  expect([...Buffer.from("€x")].map((byte) => size.of(Buffer.from([byte])))).toEqual([0, 0, 3, 1]);
});
