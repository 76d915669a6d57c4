import { describe, expect, it } from "vitest";
import * as z from "zod";
import { fieldNames, nearest, unknownField, unknownFields } from "./known-fields.ts";
import { limitNames } from "./limits.ts";
import { executionRequestSchema } from "./request.ts";

describe("the fields of a schema", () => {
  it("are those of its objects, however deep, and of the entries of its arrays", () => {
    const schema = z.strictObject({
      a: z.strictObject({ b: z.string() }).optional(),
      list: z.array(z.strictObject({ c: z.int() })).max(3),
      free: z.record(z.string(), z.string()),
    });
    expect(fieldNames(schema)).toEqual(["a", "a.b", "list", "list[].c", "free"]);
  });

  it("of a request hold every limit of the program and of the compiler", () => {
    const names = fieldNames(executionRequestSchema);
    for (const limit of limitNames) expect(names).toEqual(expect.arrayContaining([`limits.${limit}`]));
    expect(names).toEqual(expect.arrayContaining(["code", "files[].contentBase64", "compileLimits.memoryBytes"]));
  });
});

describe("the field that was meant", () => {
  const names = fieldNames(executionRequestSchema);
  it.each([
    [[], "limit", "limits"],
    [[], "file", "files"],
    [[], "langauge", "language"],
    [[], "return_variables", "returnVariables"],
    [[], "timeoutMs", "limits.timeoutMs"],
    [[], "timeout", "limits.timeoutMs"],
    [[], "memory", "limits.memoryBytes"],
    [["limits"], "timeout", "limits.timeoutMs"],
    [["compileLimits"], "memoryByte", "compileLimits.memoryBytes"],
    [["files", 3], "contentbase64", "files[3].contentBase64"],
    [["files", 0], "contnt", "files[0].content"],
  ])("in %j of '%s' is '%s'", (path, key, meant) => {
    expect(unknownField(path, key, names).message).toBe(`unknown field: did you mean '${meant}'?`);
  });

  it.each(["x", "cod", "codec", "colour", "t".repeat(60_000)])("of '%.20s' is told only where one is near", (key) => {
    const near: Record<string, string> = { cod: "did you mean 'code'?", codec: "did you mean 'code'?" };
    expect(unknownField([], key, names).message).toBe(`unknown field: ${near[key] ?? "remove it or correct its name"}`);
  });
});

it("unknown fields are found in objects and their arrays, not in values and bytes", () => {
  const names = ["data", "list", "list[].name", "limits", "limits.time"];
  const value = {
    data: { any: { thing: 1 } },
    list: [{ name: "a" }, { nme: "b" }],
    limits: { time: 1, tme: 2 },
    bytes: new Uint8Array(3),
  };
  expect(unknownFields(value, names)).toEqual([
    { field: "list[1].nme", message: "unknown field: did you mean 'list[1].name'?" },
    { field: "limits.tme", message: "unknown field: did you mean 'limits.time'?" },
    { field: "bytes", message: "unknown field: remove it or correct its name" },
  ]);
});

it.each([
  ["pyhton", "python"],
  ["Python3", "python"],
  ["c", "c"],
  ["C+", "c++"],
  ["rubby", "ruby"],
  ["cobol", undefined],
  ["", undefined],
])("the word near '%s' is %s", (word, near) => {
  expect(nearest(word, ["bash", "c", "c++", "go", "python", "ruby", "rust"])).toBe(near);
});
