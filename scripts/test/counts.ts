import { existsSync, readFileSync } from "node:fs";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const noTests: Counts = { passed: 0, failed: 0, skipped: 0 };

/** A suite that ends badly without a failed test (a file that does not load), or without any test, is one failure. */
export function counted(counts: Counts, status: number): Counts {
  const bad = status !== 0 || counts.passed === 0;
  return bad && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** Reads what unittest closes with: `Ran 3 tests in 0.1s`, then `OK` or `FAILED (failures=1, skipped=1)`. */
export function readUnittest(output: string): Counts {
  const ran = Number(/^Ran (\d+) tests? in/m.exec(output)?.[1] ?? 0);
  const closing = /^(?:OK|FAILED)(?: \((.*)\))?$/m.exec(output)?.[1] ?? "";
  const count = (label: string) => Number(new RegExp(`(?:^|, )${label}=(\\d+)`).exec(closing)?.[1] ?? 0);
  const failed = count("failures") + count("errors") + count("unexpected successes");
  const skipped = count("skipped") + count("expected failures");
  return { passed: Math.max(0, ran - failed - skipped), failed, skipped };
}

/** The fields that are needed of what vitest's json reporter writes. */
export function readVitest(path: string): Counts {
  if (!existsSync(path)) return noTests;
  const report: unknown = JSON.parse(readFileSync(path, "utf8"));
  const field = (name: string) => {
    const value: unknown = Object(report)[name];
    if (typeof value !== "number") throw new Error(`the vitest report has no number '${name}'`);
    return value;
  };
  return {
    passed: field("numPassedTests"),
    failed: field("numFailedTests"),
    skipped: field("numPendingTests") + field("numTodoTests"),
  };
}
