import { describe, expect, it } from "vitest";
import { mentionsAny } from "./preload-hint.ts";

describe("a program is guessed to need the preloaded libraries", () => {
  it.each([
    ["import pandas as pd", true],
    ["from numpy.linalg import norm", true],
    ["x = load_file('a.csv')", true],
    ["import pandasql", false],
    ["print('hello')", false],
  ])("%s: %s", (code, expected) => {
    expect(mentionsAny({ code }, ["numpy", "pandas"])).toBe(expected);
  });

  it("by its files when it has no code", () => {
    const files = [
      { name: "a.py", content: "1" },
      { name: "b.py", content: Buffer.from("import numpy") },
    ];
    expect(mentionsAny({ entry: "a.py", files }, ["numpy"])).toBe(true);
    expect(mentionsAny({ entry: "a.py", files: [{ name: "n.txt", content: "numpy" }] }, ["numpy"])).toBe(false);
    expect(mentionsAny({ entry: "a.py", files: [{ name: "a.py", path: "/numpy" }] }, ["numpy"])).toBe(false);
  });

  it("never when nothing is preloaded", () => {
    expect(mentionsAny({ code: "import numpy; load_file('x')" }, [])).toBe(false);
  });

  it("by names taken as they are, not as patterns", () => {
    expect(mentionsAny({ code: "import scipyXstats" }, ["scipy.stats"])).toBe(false);
    expect(mentionsAny({ code: "import scipy.stats" }, ["scipy.stats"])).toBe(true);
  });
});
