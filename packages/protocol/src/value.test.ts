import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isShallow, runnerMessageSchema } from "./value.ts";

/** An array in an array in ... `levels` times. */
function nested(levels: number, wrap: (inner: unknown) => unknown = (inner) => [inner]): unknown {
  let value: unknown = 1;
  for (let count = 0; count < levels; count++) value = wrap(value);
  return value;
}

describe("JSON is shallow", () => {
  it("up to 100 levels and not above, in arrays and objects", () => {
    expect(isShallow(nested(100))).toBe(true);
    expect(isShallow(nested(101))).toBe(false);
    expect(isShallow(nested(100, (a) => ({ a })))).toBe(true);
    expect(isShallow(nested(101, (a) => ({ a })))).toBe(false);
  });

  it("is found out without recursion, however deep it is", () => {
    expect(isShallow(nested(200_000))).toBe(false);
    expect(isShallow(JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`))).toBe(false);
  });

  it("for every plain value", () => {
    for (const value of [null, 0, "", true, [], {}]) expect(isShallow(value)).toBe(true);
  });

  it("for whatever fast-check calls JSON", () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => isShallow(value)));
  });

  it("when only one branch is deep it is deep", () => {
    expect(isShallow([1, { a: [2, nested(99)] }])).toBe(false);
    expect(isShallow([1, { a: [2, nested(97)] }])).toBe(true);
  });
});

describe("a message of a runner", () => {
  it.each([
    [{ type: "value", value: [1, { a: null }] }],
    [{ type: "display", data: { "text/plain": "x" } }],
    [{ type: "result", name: "r", value: 1 }],
    [{ type: "variables", variables: { a: 1 } }],
    [{ type: "progress", fraction: null, message: "m" }],
    [{ type: "warning", message: "w" }],
  ])("%j is accepted as it is", (message) => {
    expect(runnerMessageSchema.parse(message)).toEqual(message);
  });

  it.each([
    [{ type: "unknown" }],
    [{ type: "value" }],
    [{ type: "value", value: 1, more: 2 }],
    [{ type: "progress", fraction: 2, message: null }],
    [{ type: "result", name: "n".repeat(401), value: 1 }],
    [{ type: "display", data: [] }],
    [["value"]],
    ["value"],
    [null],
  ])("%j is refused", (message) => {
    expect(runnerMessageSchema.safeParse(message).success).toBe(false);
  });
});
