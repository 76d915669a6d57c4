import { describe, expect, it } from "vitest";
import { readResults } from "./results-file.ts";

const wrong = (line: number) =>
  `results: line ${line} was left out: it must be a JSON object {"name": text, "value": any}`;
const result = (name: string, value: unknown) => ({ type: "result", name, value });

describe("the file of results", () => {
  it("has a result a line, in their order, with values of every kind", () => {
    const text = [
      '{"name": "total", "value": 58}',
      '{"value": null, "name": "nothing"}',
      '{"name":"list","value":[1,"é",{"a":[]}]}',
      '  {"name": "flag", "value": false}\t\r',
      '{"name": "text", "value": "a\\nb"}',
    ].join("\n");
    expect(readResults(text)).toEqual({
      results: [
        result("total", 58),
        result("nothing", null),
        result("list", [1, "é", { a: [] }]),
        result("flag", false),
        result("text", "a\nb"),
      ],
      warnings: [],
    });
  });

  it("may be empty, have blank lines, and end with a newline or without", () => {
    for (const text of ["", "\n", "\n \n\t\r\n"]) expect(readResults(text)).toEqual({ results: [], warnings: [] });
    for (const end of ["", "\n", "\n\n"]) {
      expect(readResults(`\n{"name":"a","value":1}${end}`)).toEqual({ results: [result("a", 1)], warnings: [] });
    }
  });

  it("may name one result several times: all of them are told, and the last one counts where there is one", () => {
    const text = '{"name":"a","value":1}\n{"name":"a","value":2}';
    expect(readResults(text).results).toEqual([result("a", 1), result("a", 2)]);
  });

  it.each([
    ["no JSON", "total = 58"],
    ["half a line", '{"name": "total", "val'],
    ["two objects", '{"name":"a","value":1}{"name":"b","value":2}'],
    ["a list", "[]"],
    ["null", "null"],
    ["a number", "58"],
    ["no name", '{"value": 1}'],
    ["no value", '{"name": "a"}'],
    ["a name that is no text", '{"name": 1, "value": 1}'],
    ["an empty name", '{"name": "", "value": 1}'],
    ["a blank name", '{"name": " \\t", "value": 1}'],
    ["a name over 200 characters", `{"name": "${"n".repeat(201)}", "value": 1}`],
    ["a key more", '{"name": "a", "value": 1, "type": "result"}'],
    ["a value nested over 100 levels", `{"name": "a", "value": ${"[".repeat(100)}${"]".repeat(100)}}`],
    ["a value nested beyond any stack", `{"name": "a", "value": ${"[".repeat(200_000)}${"]".repeat(200_000)}}`],
    ["Python's NaN", '{"name": "a", "value": NaN}'],
    ["single quotes", "{'name': 'a', 'value': 1}"],
    ["a byte order mark", '\ufeff\u0000{"name":"a","value":1}'],
  ])("loses a line with %s, says which, and keeps those around it", (_, line) => {
    const text = ['{"name":"before","value":1}', line, '{"name":"after","value":2}'].join("\n");
    expect(readResults(text)).toEqual({ results: [result("before", 1), result("after", 2)], warnings: [wrong(2)] });
  });

  it("takes the longest name and the deepest value that are allowed", () => {
    const deep = `${"[".repeat(99)}${"]".repeat(99)}`;
    const { results, warnings } = readResults(`{"name":"${"n".repeat(200)}","value":${deep}}`);
    expect([results.length, warnings]).toEqual([1, []]);
  });

  it("has names that mean nothing to objects", () => {
    const names = ["__proto__", "constructor", "toString", "a.b", " a "];
    const text = names.map((name) => JSON.stringify({ name, value: 1 })).join("\n");
    expect(readResults(text).results.map(({ name }) => name)).toEqual(names);
  });

  it("names ten broken lines and counts the rest of them", () => {
    const text = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? "x" : '{"name":"a","value":1}')).join(
      "\n",
    );
    const { results, warnings } = readResults(text);
    expect(results.length).toBe(15);
    expect(warnings).toEqual([
      ...[1, 3, 5, 7, 9, 11, 13, 15, 17, 19].map(wrong),
      "results: 5 more lines were left out",
    ]);
  });

  it("is not read on behind a hundred broken lines, because each costs time that all share", () => {
    const { results, warnings } = readResults(`${"x\n".repeat(4_000_000)}{"name":"a","value":1}\n`);
    expect(results).toEqual([]);
    expect(warnings.slice(10)).toEqual([
      "results: 90 more lines were left out",
      "results: nothing was read behind line 100",
    ]);
  });

  it("is not read on behind a hundred thousand lines", () => {
    const line = '{"name":"a","value":1}\n';
    expect(readResults(line.repeat(100_000)).warnings).toEqual([]);
    const { results, warnings } = readResults(line.repeat(100_001));
    expect([results.length, warnings]).toEqual([100_000, ["results: nothing was read behind line 100000"]]);
    expect(readResults("\n".repeat(8_000_000)).warnings).toEqual(["results: nothing was read behind line 100000"]);
  });
});
