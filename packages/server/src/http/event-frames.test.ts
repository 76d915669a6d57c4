import { expect, test } from "vitest";
import { EventLog } from "../engine/event-log.ts";
import { frameOf } from "./event-frames.ts";

const stdout = (...bytes: number[]) => ({ type: "stdout", data: Uint8Array.from(bytes) }) as const;

/** The payloads of what output is written as; `cutOff`: a limit ends it. */
function written(events: readonly ReturnType<typeof stdout>[], cutOff = false): unknown[] {
  const log = new EventLog({ resume: () => {} });
  for (const event of events) log.push(event);
  log.close(cutOff);
  const frames = log.kept().events.map((logged) => frameOf(logged).toString());
  return frames.map((frame) => JSON.parse(/^event: stdout\nid: \d+\ndata: (.*)\n\n$/.exec(frame)?.[1] ?? ""));
}

test("a character that comes in pieces is not torn apart, and no bytes are added", () => {
  expect(written([stdout(0x41, 0xe2), stdout(0x82), stdout(0xac, 0x42)])).toEqual([
    { type: "stdout", text: "A", seq: 0 },
    { type: "stdout", text: "€B", seq: 1 },
  ]);
});

test("what is no UTF-8 has its bytes beside the text, and what follows is text again", () => {
  expect(written([stdout(0, 255, 254), stdout(0x41)])).toEqual([
    { type: "stdout", text: "\0\ufffd\ufffd", dataBase64: "AP/+", seq: 0 },
    { type: "stdout", text: "A", seq: 1 },
  ]);
});

test("a byte-order mark stays", () => {
  expect(written([stdout(0xef, 0xbb, 0xbf, 0x41)])).toEqual([{ type: "stdout", text: "\ufeffA", seq: 0 }]);
});

test("a character that a limit has cut off makes the output no binary one", () => {
  expect(written([stdout(0x41, 0xe2, 0x82)], true)).toEqual([
    { type: "stdout", text: "A", seq: 0 },
    { type: "stdout", text: "\ufffd", seq: 1 },
  ]);
  expect(written([stdout(0x41, 0xe2, 0x82)])[1]).toEqual({
    ...{ type: "stdout", text: "\ufffd", dataBase64: "4oI=", seq: 1 },
  });
});

test("a frame is made once for all who read it", () => {
  const logged = { seq: 0, event: stdout(0x41) };
  expect(frameOf(logged)).toBe(frameOf(logged));
});
