import { defaultCeiling, defaultLimits, type Limits, ProblemError } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { mergeLimits } from "./limits.ts";

const ceiling: Limits = { ...defaultCeiling, timeoutMs: 10_000, processes: 100 };

function refusal(asked: Partial<Limits>): ProblemError {
  try {
    mergeLimits(asked, defaultLimits, ceiling);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("the limits of one run", () => {
  it("are the defaults where it asks for nothing", () => {
    expect(mergeLimits(undefined, defaultLimits, defaultCeiling)).toEqual({
      timeoutMs: 30_000,
      cpuMs: 60_000,
      cpuPercent: 100,
      memoryBytes: 536_870_912,
      processes: 64,
      outputBytes: 4_194_304,
      outputLines: 100_000,
      diskBytes: 134_217_728,
      openFiles: 256,
    });
  });

  it("are what it asks for, up to the ceiling and including it", () => {
    const merged = mergeLimits({ timeoutMs: 10_000, outputBytes: 0 }, defaultLimits, ceiling);
    expect([merged.timeoutMs, merged.outputBytes, merged.processes]).toEqual([10_000, 0, 64]);
  });

  it("are lowered to the ceiling in silence when they come from the defaults", () => {
    expect(mergeLimits({}, defaultLimits, ceiling).timeoutMs).toBe(10_000);
  });

  it("are refused over the ceiling, with every field", () => {
    const problem = refusal({ timeoutMs: 10_001, processes: 101, openFiles: 20 });
    expect(problem.code).toBe("limit-over-ceiling");
    expect(problem.errors).toEqual([
      { field: "limits.timeoutMs", message: "10001 is over this host's ceiling of 10000" },
      { field: "limits.processes", message: "101 is over this host's ceiling of 100" },
    ]);
  });

  it("are refused when no limit can be so, which goes before the ceiling", () => {
    const problem = refusal({ timeoutMs: 0, cpuMs: 1.5, processes: 101 });
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors.map((error) => error.field)).toEqual(["limits.timeoutMs", "limits.cpuMs"]);
  });
});
