import { expect, test } from "vitest";
import { wantsEventStream } from "./accept.ts";

test.each([
  [undefined, false],
  ["*/*", false],
  ["application/json", false],
  ["text/event-stream", true],
  ["Text/Event-Stream; charset=utf-8", true],
  ["text/event-stream, application/json", true],
  ["application/json, text/event-stream", false],
  ["application/json;q=0.5, text/event-stream", true],
  ["text/event-stream;q=0.1, application/json", false],
  ["text/event-stream;q=0", false],
])("Accept %s asks for a stream: %s", (accept, expected) => {
  expect(wantsEventStream(accept)).toBe(expected);
});
