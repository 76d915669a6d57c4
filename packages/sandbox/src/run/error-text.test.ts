import type { ErrorPattern } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { patience } from "../../test/support/patience.ts";
import { runtimes } from "../languages/registry.ts";
import { readError } from "./error-text.ts";

/** Patterns as a manifest has them, with what the schema adds. */
function patterns(...some: Partial<ErrorPattern>[]): ErrorPattern[] {
  return some.map((pattern) => ({ frameOrder: "innermost-first", pattern: "", ...pattern }));
}

const lines = (...all: string[]) => all.join("\n");
const noSource = () => undefined;
const sources: Record<string, string> = { "main.x": "one\n  two\nthree", "lib/part.x": "alpha\n\tbeta()\n" };
const source = (file: string) => sources[file];

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

describe("the patterns of the manifests", () => {
  const errorsOf = (name: string) => {
    const runtime = runtimes().find((each) => each.name === name);
    if (runtime === undefined) throw new Error(`there is no language ${name}`);
    return runtime.errors;
  };

  it("read what gcc says of a program, in a header of the program too, and not what follows from it", () => {
    const text = lines(
      "In file included from main.c:1:",
      "lib/util.h: In function 'f':",
      "lib/util.h:2:36: error: 'undefined_name' undeclared (first use in this function)",
      "    2 | static inline int f(void) { return undefined_name; }",
      "      |                                    ^~~~~~~~~~~~~~",
      "main.c:5:3: error: expected ',' or ';' before 'printf'",
    );
    const header = (file: string) => (file === "lib/util.h" ? "int helper(void);\n  static inline\n" : undefined);
    expect(readError(errorsOf("c").compile, text, "first", header)).toMatchObject({
      type: "CompileError",
      message: "'undefined_name' undeclared (first use in this function)",
      frames: [{ file: "lib/util.h", line: 2, source: "static inline" }],
      line: 2,
    });
    const fatal = "n.c:1:10: fatal error: none.h: No such file or directory\n";
    expect(readError(errorsOf("c").compile, fatal, "first", noSource)).toMatchObject({
      message: "none.h: No such file or directory",
      line: 1,
    });
  });

  it("read what the linker says, and no warning", () => {
    const text = lines(
      "main.c:3:7: warning: unused variable 'x' [-Wunused-variable]",
      "/usr/bin/ld: /tmp/cceAkXK7.o: in function `main':",
      "main.c:(.text+0x5): undefined reference to `missing'",
      "collect2: error: ld returned 1 exit status",
    );
    expect(readError(errorsOf("c").compile, text, "first", noSource)).toMatchObject({
      type: "LinkError",
      message: "undefined reference to `missing'",
      line: null,
    });
    expect(readError(errorsOf("c").compile, lines(...text.split("\n").slice(0, 1)), "first", noSource)).toBeNull();
  });

  it("read why a program in C or C++ ended itself", () => {
    const failed = "program: main.c:12: main: Assertion `1 == 2' failed.\n";
    expect(readError(errorsOf("c").run, failed, "last", noSource)).toMatchObject({ type: "AssertionError", line: 12 });
    const smashed = "*** stack smashing detected ***: terminated\n";
    expect(readError(errorsOf("c").run, smashed, "last", noSource)).toMatchObject({ type: "Aborted", line: null });
    const thrown = lines(
      "terminate called after throwing an instance of 'std::out_of_range'",
      "  what():  vector::_M_range_check: __n (which is 3) >= this->size() (which is 0)",
    );
    expect(readError(errorsOf("cpp").run, thrown, "last", noSource)).toMatchObject({
      type: "std::out_of_range",
      message: "vector::_M_range_check: __n (which is 3) >= this->size() (which is 0)",
      frames: [],
    });
  });

  it("read a panic of Go with the frames in the program's files", () => {
    const text = lines(
      "deferred",
      "panic: runtime error: index out of range [5] with length 1",
      "",
      "goroutine 1 [running]:",
      "main.deep({0xc00001c0a8?, 0x1, 0x1?}, 0x0?)",
      "\t/workspace/lib/deep.go:7 +0x1d",
      "main.main()",
      "\t/workspace/main.go:11 +0x7b",
      "exit status 2",
    );
    expect(readError(errorsOf("go").run, text, "last", noSource)).toMatchObject({
      type: "runtime error",
      message: "index out of range [5] with length 1",
      frames: [
        { file: "main.go", line: 11, function: "main.main" },
        { file: "lib/deep.go", line: 7, function: "main.deep" },
      ],
      line: 7,
    });
    const compiler = lines(
      "# command-line-arguments",
      "./e.go:4:2: x declared but not used",
      "./e.go:5:9: undefined: y",
    );
    expect(readError(errorsOf("go").compile, compiler, "first", noSource)).toMatchObject({
      type: "CompileError",
      message: "x declared but not used",
      frames: [{ file: "e.go", line: 4 }],
      line: 4,
    });
  });

  it("read an exception of Java without the frames of its libraries", () => {
    const text = lines(
      'Exception in thread "main" java.lang.IndexOutOfBoundsException: Index 3 out of bounds for length 0',
      "\tat java.base/jdk.internal.util.Preconditions.outOfBounds(Preconditions.java:64)",
      "\tat java.base/java.util.ArrayList.get(ArrayList.java:427)",
      "\tat Main.pick(Main.java:3)",
      "\tat Main.main(Main.java:5)",
    );
    expect(readError(errorsOf("java").run, text, "last", noSource)).toMatchObject({
      type: "java.lang.IndexOutOfBoundsException",
      message: "Index 3 out of bounds for length 0",
      frames: [
        { file: "Main.java", line: 5, function: "Main.main" },
        { file: "Main.java", line: 3, function: "Main.pick" },
      ],
      line: 3,
    });
    const compiler = "Bad.java:2: error: incompatible types: String cannot be converted to int\n";
    expect(readError(errorsOf("java").compile, compiler, "first", noSource)).toMatchObject({
      type: "CompileError",
      message: "incompatible types: String cannot be converted to int",
      line: 2,
    });
  });

  it("read a panic and an error of Rust", () => {
    const text =
      "thread 'main' panicked at 'index out of bounds: the len is 1 but the index is 7', main.rs:1:39\nnote: x\n";
    expect(readError(errorsOf("rust").run, text, "last", noSource)).toMatchObject({
      type: "panic",
      message: "index out of bounds: the len is 1 but the index is 7",
      frames: [{ file: "main.rs", line: 1 }],
      line: 1,
    });
    const compiler = lines(
      "error[E0308]: mismatched types",
      " --> main.rs:2:18",
      "  |",
      "error: aborting due to previous error",
    );
    expect(readError(errorsOf("rust").compile, compiler, "first", noSource)).toMatchObject({
      type: "CompileError",
      message: "mismatched types",
      frames: [{ file: "main.rs", line: 2 }],
      line: 2,
    });
  });

  it("do not find an error in what is none", () => {
    const text = "42\nresult: 7\nmain: done at 12:30:01\nprogress: 50%\n";
    for (const { name, errors } of runtimes()) {
      expect([name, readError(errors.run, text, "last", noSource)]).toEqual([name, null]);
    }
  });

  /** Pieces of text that patterns stumble over when something in them can match in two ways. */
  function hostilePieces(pattern: string): string[] {
    const literal = pattern.replace(/\\[dws]\S?|\(\?<\w+>|\[[^\]]*\][*+?]*|[\\^$()|?*+]/g, "a");
    const words = [...new Set(literal.match(/[\w:./ '`*-]{2,}/g) ?? [])];
    const common = [
      "a",
      "1",
      " ",
      "\t",
      ":",
      "(",
      "'",
      "`",
      "/",
      ".",
      "*",
      "a:1:",
      "a:1: ",
      "a.a",
      "a(",
      "\n",
      " \n",
      "a\n",
    ];
    return [
      ...common,
      literal,
      `${literal}\n`,
      ...words,
      ...words.flatMap((word) => [`${word}\n`, `${word}:1`, `${word}', `]),
    ];
  }

  /** The time that a pattern takes: the shortest of several attempts, because others use the machine too. */
  function timeOf(pattern: string, text: string): number {
    let shortest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 5 && shortest > 0.05; attempt++) {
      const before = performance.now();
      readError(patterns({ pattern }), text, "last", noSource);
      shortest = Math.min(shortest, performance.now() - before);
    }
    return shortest;
  }

  /**
   * Whether four times the text takes much more than four times the time, as it does for a quadratic pattern: 16 times.
   * Looks at small texts first, so that a bad pattern does not hold up the test.
   */
  function isSlow(pattern: string, piece: string): boolean {
    const of = (length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
    let short = timeOf(pattern, of(256));
    for (let length = 1_024; length <= 65_536; length *= 4) {
      const long = timeOf(pattern, of(length));
      if (long > 1 && long > 10 * short) return true;
      short = long;
    }
    return false;
  }

  const used = runtimes().flatMap(({ name, errors, outOfMemory }) => {
    const read = [...errors.compile, ...errors.run].flatMap(({ pattern, frame }) => [pattern, frame ?? ""]);
    const all = [...new Set([...read, ...outOfMemory])].filter((pattern) => pattern !== "");
    return all.length === 0 ? [] : [[name, all] as const];
  });

  it.each(used)(
    "of %s take time that grows with the text and no faster, whatever the text is",
    {
      timeout: patience(60_000),
    },
    (_, all) => {
      const slow = all.flatMap((pattern) =>
        hostilePieces(pattern)
          .filter((piece) => isSlow(pattern, piece))
          .map((piece) => ({ pattern, piece })),
      );
      expect(slow).toEqual([]);
    },
  );

  it("that take more time than that are found by this measure", () => {
    expect(isSlow("^.*a.*X$", "a")).toBe(true);
    expect(isSlow("^a*X$", "a")).toBe(false);
  });

  it("do not find an error in what is none", () => {
    const text = "42\nresult: 7\nmain: done at 12:30:01\nprogress: 50%\n";
    for (const { name, errors } of runtimes()) {
      expect([name, readError(errors.run, text, "last", noSource)]).toEqual([name, null]);
    }
  });
});
