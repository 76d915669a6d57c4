import { expect, test } from "vitest";
import { parseHostRequest } from "./parse.ts";

test("bytes of a request from inside the process are neither copied nor looked through", () => {
  const content = new Uint8Array(8);
  const seen = { enumerable: true, get: () => expect.unreachable("each byte was looked at") };
  Object.defineProperty(content, "trap", seen);
  const { request } = parseHostRequest({ code: "1", files: [{ name: "a", content }], stdin: content });
  expect(request.files?.[0]?.content).toBe(content);
  expect(request.stdin).toBe(content);
});
