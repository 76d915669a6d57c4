import { describe, expect, it } from "vitest";
import { lines, noSource, patterns, programFiles } from "../../test/support/error-patterns.ts";
import { readError } from "./error-text.ts";

const source = programFiles({ "main.x": "one\n  two\nthree", "lib/part.x": "alpha\n\tbeta()\n" });

const simple = patterns({ pattern: "^(?<type>\\w+Error): (?<message>.*)$" });

describe("an error that is read from what was printed", () => {
  it("is null when nothing looks like one", () => {
    expect(readError(simple, "all is well\n", "last", noSource)).toBeNull();
    expect(readError(simple, "", "last", noSource)).toBeNull();
    expect(readError([], "KeyError: x", "last", noSource)).toBeNull();
  });

  it("has the type and the message of the pattern's groups, and everything behind its beginning as traceback", () => {
    const text = "noise\nKeyError:   no 'x' \n  more\n\n";
    expect(readError(simple, text, "last", noSource)).toEqual({
      type: "KeyError",
      message: "no 'x'",
      traceback: "KeyError:   no 'x' \n  more",
      frames: [],
      line: null,
    });
  });

  it("has the fixed type of a pattern without that group, and all that matched where there is no message", () => {
    const [fixed, bare] = [patterns({ pattern: "^panic: .*$", type: "panic" }), patterns({ pattern: "^panic: .*$" })];
    expect(readError(fixed, "panic: oh", "last", noSource)).toMatchObject({ type: "panic", message: "panic: oh" });
    expect(readError(bare, "panic: oh", "last", noSource)).toMatchObject({ type: "Error" });
  });

  it("is the first one for a compiler and the last one for a program", () => {
    const text = "AError: 1\nBError: 2\nCError: 3";
    expect(readError(simple, text, "first", noSource)).toMatchObject({ type: "AError", traceback: text });
    expect(readError(simple, text, "last", noSource)).toMatchObject({ type: "CError", traceback: "CError: 3" });
  });

  it("is the first or the last one over all patterns, in whichever order they stand", () => {
    const one = { pattern: "^one: (?<message>.*)$", type: "One" };
    const two = { pattern: "^two: (?<message>.*)$", type: "Two" };
    const text = "two: a\none: b\ntwo: c\none: d";
    for (const both of [patterns(one, two), patterns(two, one)]) {
      expect(readError(both, text, "first", noSource)).toMatchObject({ type: "Two", message: "a" });
      expect(readError(both, text, "last", noSource)).toMatchObject({ type: "One", message: "d" });
    }
  });

  it("has the place that the pattern names, relative to the workspace, with the text of that line", () => {
    const place = patterns({ pattern: "^(?<file>[^:\\n]+):(?<line>\\d+): (?<message>.*)$", type: "E" });
    for (const file of ["main.x", "./main.x", "/workspace/main.x"]) {
      expect(readError(place, `${file}:2: oh`, "first", source)).toEqual({
        type: "E",
        message: "oh",
        traceback: `${file}:2: oh`,
        frames: [{ file: "main.x", line: 2, function: "", source: "two" }],
        line: 2,
      });
    }
  });

  it.each([
    ["a file that is not at hand", "other.x:2: oh", "other.x", 2],
    ["a line behind the file's end", "main.x:4: oh", "main.x", 4],
    ["line 0", "main.x:0: oh", "main.x", 0],
    ["a line that no file has", "main.x:4294967297: oh", "main.x", 4_294_967_297],
  ])("has no text for %s", (_, text, file, line) => {
    const place = patterns({ pattern: "^(?<file>[^:\\n]+):(?<line>\\d+): (?<message>.*)$" });
    expect(readError(place, text, "first", source)).toMatchObject({
      frames: [{ file, line, function: "", source: null }],
      line,
    });
  });

  it("has no line when the pattern gives none or one that is no number", () => {
    const place = patterns({ pattern: "^(?<file>[^:\\n]+):(?<line>\\d*): (?<message>.*)$" });
    expect(readError(place, `main.x:${"9".repeat(30)}: oh`, "first", source)).toMatchObject({ frames: [], line: null });
    expect(readError(simple, "KeyError: main.x:2", "first", source)).toMatchObject({ frames: [], line: null });
  });

  it("has no place in a file that is none of the program's", () => {
    const place = patterns({ pattern: "^(?<file>[^:\\n]+):(?<line>\\d+): (?<message>.*)$" });
    expect(readError(place, "/usr/include/x.h:7: oh", "first", source)).toMatchObject({ frames: [], line: null });
  });

  it("is cut where its type or its message is beyond measure", () => {
    const long = patterns({ pattern: "^(?<type>T+): (?<message>.*)$" });
    const error = readError(long, `${"T".repeat(5_000)}: ${"m".repeat(20_000)}`, "last", noSource);
    expect([error?.type.length, error?.message.length]).toEqual([1_000, 8_000]);
  });

  it("of a compiler that printed without end is looked for at the beginning, and its traceback is no longer", () => {
    const text = `${"x".repeat(1_000)}\nAError: 1\n${"y\n".repeat(1_000_000)}`;
    const error = readError(simple, text, "first", noSource);
    expect([error?.type, error?.traceback.length]).toEqual(["AError", 65_536 - 1_001]);
    expect(readError(simple, `${"x\n".repeat(40_000)}AError: 1`, "first", noSource)).toBeNull();
  });
});

describe("the frames of an error", () => {
  const traced = patterns({
    pattern: "^(?<type>\\w+): (?<message>.*)$",
    frame: "^ +at (?<function>[^(\\n]*) ?\\((?<file>[^:)\\n]+):(?<line>\\d+)\\)$",
  });
  const text = lines(
    "E: oh",
    "  at helper (lib/part.x:2)",
    "  at library (/usr/share/lib.x:9)",
    "  at main (/workspace/main.x:3)",
    "  at start (/opt/glovebox/toy/start.x:1)",
  );

  it("stand with the innermost last, as the language prints them the other way round; foreign ones are dropped", () => {
    expect(readError(traced, text, "last", source)).toMatchObject({
      frames: [
        { file: "main.x", line: 3, function: "main ", source: "three" },
        { file: "lib/part.x", line: 2, function: "helper ", source: "beta()" },
      ],
      line: 2,
    });
  });

  it("stay in their order for a language that prints the innermost last", () => {
    const [first] = traced;
    const other = patterns({ ...first, frameOrder: "innermost-last" });
    expect(readError(other, text, "last", source)).toMatchObject({
      frames: [{ file: "lib/part.x" }, { file: "main.x" }],
      line: 3,
    });
  });

  it("are those behind the error that counts, not of an earlier one", () => {
    const both = lines("E: first", "  at a (main.x:1)", "F: second", "  at b (main.x:2)");
    expect(readError(traced, both, "last", source)).toMatchObject({ type: "F", frames: [{ function: "b " }], line: 2 });
  });

  it("are none where all are foreign, and the error has no line then", () => {
    const foreign = lines("E: oh", "  at library (/usr/share/lib.x:9)");
    expect(readError(traced, foreign, "last", source)).toMatchObject({ frames: [], line: null });
  });

  it("give the line when the pattern's own place is in a foreign file", () => {
    const placed = patterns({
      pattern: "^(?<file>[^:\\n]+):(?<line>\\d+): (?<message>.*)$",
      ...(traced[0]?.frame === undefined ? {} : { frame: traced[0].frame }),
    });
    const foreign = lines("/usr/share/lib.x:9: oh", "  at library (/usr/share/lib.x:9)", "  at main (main.x:3)");
    expect(readError(placed, foreign, "last", source)).toMatchObject({ frames: [{ file: "main.x" }], line: 3 });
  });

  it("are the hundred innermost ones of a deep recursion", () => {
    const deep = lines("E: oh", ...Array.from({ length: 500 }, (_, index) => `  at f (main.x:${index + 1})`));
    const error = readError(traced, deep, "last", noSource);
    expect(error?.frames.length).toBe(100);
    expect([error?.frames[0]?.line, error?.frames[99]?.line, error?.line]).toEqual([100, 1, 1]);
    const [first] = traced;
    const inOrder = readError(patterns({ ...first, frameOrder: "innermost-last" }), deep, "last", noSource);
    expect([inOrder?.frames.length, inOrder?.frames[99]?.line, inOrder?.line]).toEqual([100, 500, 500]);
  });
});
