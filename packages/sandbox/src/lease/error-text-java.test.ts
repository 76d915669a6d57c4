import { describe, expect, it } from "vitest";
import { lines, noSource, programFiles } from "../../test/support/error-patterns.ts";
import { runtimes } from "../languages/registry.ts";
import { readError } from "./error-text.ts";

const patterns = runtimes().find(({ name }) => name === "java")?.errors.run ?? [];
const read = (...text: string[]) => readError(patterns, lines(...text, ""), "last", noSource);

describe("what is read of Java's exceptions", () => {
  it("has no text where the exception has none", () => {
    expect(
      read('Exception in thread "main" java.util.NoSuchElementException', "\tat Main.main(Main.java:3)"),
    ).toMatchObject({ type: "java.util.NoSuchElementException", message: "", line: 3 });
    expect(read('Exception in thread "main" java.net.ConnectException')).toMatchObject({ message: "", frames: [] });
  });

  it("has all lines of a text, and no frames of it", () => {
    const error = read(
      'Exception in thread "main" app.Bad$Input: a: b',
      "  at all (Main.java:9)",
      "",
      "Error: c",
      "\tat app.Main.value(Main.java:4)",
      "\tat app.Main.main(Main.java:7)",
    );
    expect(error).toMatchObject({
      type: "app.Bad$Input",
      message: "a: b\n  at all (Main.java:9)\n\nError: c",
      frames: [
        { line: 7, function: "app.Main.main" },
        { line: 4, function: "app.Main.value" },
      ],
      line: 4,
    });
  });

  it("has the first line of a text that no frames follow", () => {
    const text = [
      'Exception in thread "a" java.lang.Error: one',
      "more",
      'Exception in thread "b" java.lang.Error: two',
    ];
    expect(read(...text, "more")).toMatchObject({ message: "two", frames: [], line: null });
  });

  it("has the frames of the exception itself, not those of its causes, of suppressed ones, or of what follows", () => {
    const own = [
      'Exception in thread "main" java.lang.IllegalStateException: no',
      "\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1511)",
      "\tat Main.main(Main.java:3)",
    ];
    const others = [
      ["Caused by: java.lang.RuntimeException: at", "\tat Main.value(Main.java:8)", "\t... 1 more"],
      ["\tSuppressed: java.io.IOException", "\t\tat Main.close(Main.java:8)"],
      ["java.lang.RuntimeException: logged", "\tat Main.log(Main.java:8)"],
      ["\t... 1 more", "\tat Main.log(Main.java:8)"],
    ];
    for (const other of others) {
      expect(read(...own, ...other)?.frames).toMatchObject([{ line: 3, function: "Main.main" }]);
    }
    expect(read(...own.slice(0, 2), ...(others[0] ?? []))).toMatchObject({ frames: [], line: null });
  });

  it("names files of packages, which Java's frames have without their folder, as the program does", () => {
    const trace = lines(
      'Exception in thread "main" java.lang.ArithmeticException: / by zero',
      "\tat app.stats.Stats.mean(Stats.java:2)",
      "\tat app.Same.value(Same.java:1)",
      "\tat Main.main(Main.java:1)",
      "",
    );
    const files = programFiles({
      "Main.java": "first",
      "app/Main.java": "another",
      "app/stats/Stats.java": "package app.stats;\n  return sum / 0;",
      "app/MyStats.java": "of another name",
      "app/Same.java": "one of two",
      "lib/Same.java": "two of two",
    });
    expect(readError(patterns, trace, "last", files)?.frames).toEqual([
      { file: "Main.java", line: 1, function: "Main.main", source: "first" },
      { file: "Same.java", line: 1, function: "app.Same.value", source: null },
      { file: "app/stats/Stats.java", line: 2, function: "app.stats.Stats.mean", source: "return sum / 0;" },
    ]);
  });

  it("is of the launcher only where the launcher speaks", () => {
    const missing = "Main method not found in class Main, please define the main method as:";
    expect(read(`Error: ${missing}`)).toMatchObject({ type: "LauncherError", message: missing });
    expect(read("Error: the file has no header")).toBeNull();
  });
});
