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
    expect(mentionsAny({ code, files: [] }, ["numpy", "pandas"])).toBe(expected);
  });

  it("by its files when it has no code", () => {
    const files = [
      { name: "a.py", content: "1" },
      { name: "b.py", content: Buffer.from("import numpy") },
    ];
    expect(mentionsAny({ files }, ["numpy"])).toBe(true);
    expect(mentionsAny({ files: [{ name: "n.txt", content: "numpy" }] }, ["numpy"])).toBe(false);
    expect(mentionsAny({ files: [{ name: "a.py", path: "/numpy", size: 2_000_000 }] }, ["numpy"])).toBe(false);
  });

  it("never when nothing is preloaded", () => {
    expect(mentionsAny({ code: "import numpy; load_file('x')", files: [] }, [])).toBe(false);
  });

  it("by names taken as they are, not as patterns", () => {
    expect(mentionsAny({ code: "import scipyXstats", files: [] }, ["scipy.stats"])).toBe(false);
    expect(mentionsAny({ code: "import scipy.stats", files: [] }, ["scipy.stats"])).toBe(true);
  });
});
