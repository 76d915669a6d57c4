import { expect, test } from "vitest";
import type { RunEvent } from "../engine/ports.ts";
import { EventText } from "./event-text.ts";

const stdout = (...bytes: number[]): RunEvent => ({ type: "stdout", data: Uint8Array.from(bytes) });

/** The payloads of what events are written as. */
function written(...events: RunEvent[]): unknown[] {
  const text = new EventText();
  const frames = events.flatMap((event) => text.encode(event).split("\n\n"));
  return frames.filter((frame) => frame !== "").map((frame) => JSON.parse(frame.split("\ndata: ")[1] ?? ""));
}

test("a character that comes in pieces is not torn apart, and no bytes are added", () => {
  expect(written(stdout(0x41, 0xe2), stdout(0x82), stdout(0xac, 0x42))).toEqual([
    { type: "stdout", text: "A", seq: 0 },
    { type: "stdout", text: "€B", seq: 1 },
  ]);
});

test("what is no UTF-8 has its bytes beside the text, and what follows is text again", () => {
  expect(written(stdout(0, 255, 254), stdout(0x41))).toEqual([
    { type: "stdout", text: "\0\ufffd\ufffd", dataBase64: "AP/+", seq: 0 },
    { type: "stdout", text: "A", seq: 1 },
  ]);
});

test("a byte-order mark stays", () => {
  expect(written(stdout(0xef, 0xbb, 0xbf, 0x41))).toEqual([{ type: "stdout", text: "\ufeffA", seq: 0 }]);
});
