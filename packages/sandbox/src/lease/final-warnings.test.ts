import { describe, expect, test } from "vitest";
import { finalWarnings } from "./final-warnings.ts";

describe("artifacts that were left out", () => {
  const warningsOf = (skipped: readonly [path: string, reason: string][], notListed = 0) =>
    finalWarnings({
      outcome: { kind: "exited", code: 0, violations: [] },
      metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, startMs: 1 },
      skipped: skipped.map(([path, reason]) => ({ path, reason })),
      notListed,
      warnings: [],
    });

  test("have a warning each when they are few, with names that are escaped once", () => {
    expect(
      warningsOf([
        ["pipe", "not a regular file"],
        ["a\\nb", "the name cannot be printed"],
      ]),
    ).toEqual([
      'artifact "pipe" was left out: not a regular file',
      'artifact "a\\nb" was left out: the name cannot be printed',
    ]);
  });

  test("are one warning with their number when they are many", () => {
    const many = Array.from({ length: 99 }, (_, index): [string, string] => [`f${index}`, "more than 1000 files"]);
    expect(warningsOf([["pipe", "not a regular file"], ...many], 401)).toEqual([
      '501 artifacts were left out: not a regular file ("pipe"); more than 1000 files ("f0", "f1", "f2" and 96 more); ' +
        "401 more that are not listed",
    ]);
  });
});
