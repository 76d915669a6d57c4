import { describe, expect, it } from "vitest";
import { parseExecutionRequest } from "./parse.ts";
import { ProblemError } from "./problems.ts";
import { fileNameSchema, filesBelowFiles } from "./request.ts";

describe("a file that is also a folder", () => {
  it.each<[string[], [number, string][]]>([
    [["a", "b/c", "ab"], []],
    [["a/b", "a"], [[0, "a"]]],
    [
      ["a", "a-b", "a/b/c", "a/d"],
      [
        [2, "a"],
        [3, "a"],
      ],
    ],
    [
      ["x/y", "x/y/z", "x/y/z/w", "x"],
      [
        [0, "x"],
        [1, "x"],
        [2, "x"],
      ],
    ],
    [["a", "a"], []],
  ])("of %j is found where it is named: %j", (names, clashes) => {
    expect(filesBelowFiles(names)).toEqual(clashes.map(([index, folder]) => ({ index, folder })));
  });
});

it.each([
  ["a.b/..c/...", true],
  ["..", false],
  ["a/../b", false],
  ["a/.", false],
  ["./a", false],
  ["a//b", false],
  ["a/", false],
  [`${"d/".repeat(300)}${"n".repeat(255)}`, true],
  ["€".repeat(85), true],
  ["€".repeat(86), false],
  [`a/${"x".repeat(256)}`, false],
])("'%.20s' may be a name: %s", (name, may) => {
  expect(fileNameSchema.safeParse(name).success).toBe(may);
});

/** What stands in for a time: each name is looked at a few times, however many segments it has. */
it.each([
  ["deep", "a/".repeat(500)],
  ["empty", "/".repeat(1_000)],
])("5,000 names of many %s segments are judged before the test is over", (_kind, folder) => {
  const files = Array.from({ length: 5_000 }, (_, index) => ({ name: `${folder}${index}`, content: "" }));
  expect(() => parseExecutionRequest({ language: "python", entry: "nope", files })).toThrow(ProblemError);
});
