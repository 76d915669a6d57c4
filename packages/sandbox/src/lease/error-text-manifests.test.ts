import type { Runtime } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { lines, noSource, programFiles } from "../../test/support/error-patterns.ts";
import { runtimes } from "../languages/registry.ts";
import { type ProgramFiles, readError } from "./error-text.ts";

/** Patterns of a language that there is. */
function errorsOf(name: string): Runtime["errors"] {
  const runtime = runtimes().find((each) => each.name === name);
  if (runtime === undefined) throw new Error(`there is no language ${name}`);
  return runtime.errors;
}

const compileError = (language: string, text: string, source: ProgramFiles = noSource) =>
  readError(errorsOf(language).compile, text, "first", source);
const runError = (language: string, text: string) => readError(errorsOf(language).run, text, "last", noSource);

describe("the patterns of the manifests", () => {
  it("read what gcc says of a program, in a header of the program too, and not what follows from it", () => {
    const text = lines(
      "In file included from main.c:1:",
      "lib/util.h: In function 'f':",
      "lib/util.h:2:36: error: 'undefined_name' undeclared (first use in this function)",
      "    2 | static inline int f(void) { return undefined_name; }",
      "      |                                    ^~~~~~~~~~~~~~",
      "main.c:5:3: error: expected ',' or ';' before 'printf'",
    );
    const header = programFiles({ "lib/util.h": "int helper(void);\n  static inline\n" });
    expect(compileError("c", text, header)).toMatchObject({
      type: "CompileError",
      message: "'undefined_name' undeclared (first use in this function)",
      frames: [{ file: "lib/util.h", line: 2, source: "static inline" }],
      line: 2,
    });
    const fatal = "n.c:1:10: fatal error: none.h: No such file or directory\n";
    expect(compileError("c", fatal)).toMatchObject({
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
    expect(compileError("c", text)).toMatchObject({
      type: "LinkError",
      message: "undefined reference to `missing'",
      line: null,
    });
    expect(compileError("c", lines(...text.split("\n").slice(0, 1)))).toBeNull();
  });

  it("read why a program in C or C++ ended itself", () => {
    const failed = "program: main.c:12: main: Assertion `1 == 2' failed.\n";
    expect(runError("c", failed)).toMatchObject({ type: "AssertionError", line: 12 });
    const smashed = "*** stack smashing detected ***: terminated\n";
    expect(runError("c", smashed)).toMatchObject({ type: "Aborted", line: null });
    const thrown = lines(
      "terminate called after throwing an instance of 'std::out_of_range'",
      "  what():  vector::_M_range_check: __n (which is 3) >= this->size() (which is 0)",
    );
    expect(runError("cpp", thrown)).toMatchObject({
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
    expect(runError("go", text)).toMatchObject({
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
    expect(compileError("go", compiler)).toMatchObject({
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
    expect(runError("java", text)).toMatchObject({
      type: "java.lang.IndexOutOfBoundsException",
      message: "Index 3 out of bounds for length 0",
      frames: [
        { file: "Main.java", line: 5, function: "Main.main" },
        { file: "Main.java", line: 3, function: "Main.pick" },
      ],
      line: 3,
    });
    const compiler = "Bad.java:2: error: incompatible types: String cannot be converted to int\n";
    expect(compileError("java", compiler)).toMatchObject({
      type: "CompileError",
      message: "incompatible types: String cannot be converted to int",
      line: 2,
    });
  });

  it("read a panic and an error of Rust", () => {
    const text =
      "thread 'main' panicked at 'index out of bounds: the len is 1 but the index is 7', main.rs:1:39\nnote: x\n";
    expect(runError("rust", text)).toMatchObject({
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
    expect(compileError("rust", compiler)).toMatchObject({
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
});
