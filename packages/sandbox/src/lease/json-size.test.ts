import { expect, it } from "vitest";
import { JsonSize } from "./json-size.ts";

it.each([
  ["", 0],
  ["plain text", 10],
  ["\x01\x1b\0", 18],
  ['"\\\n\t\r', 10],
  ["é€😀", 9],
  [Buffer.from([0xff, 0xfe]), 6 + 3],
  [Buffer.from([0, 0xff, 0x41]), 6 + 3 + 1 + 4],
])("%j is %i bytes of JSON", (text, expected) => {
  expect(new JsonSize().of(Buffer.from(text))).toBe(expected);
});

it("counts a character that comes in pieces once", () => {
  const size = new JsonSize();
  expect([...Buffer.from("€x")].map((byte) => size.of(Buffer.from([byte])))).toEqual([0, 0, 3, 1]);
});

it("counts the base64 of all that came before, once it is no text", () => {
  const size = new JsonSize();
  expect(["abcdef", "\xff\xff\xff", "abc"].map((text) => size.of(Buffer.from(text, "latin1")))).toEqual([
    6,
    9 + 12,
    3 + 4,
  ]);
});
