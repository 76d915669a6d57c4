import { defaultCeiling, defaultLimits, type Limits, ProblemError } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { resolveLimits, unaskedLimits } from "./limits.ts";

const ceiling: Limits = { ...defaultCeiling, timeoutMs: 10_000, processes: 100 };
const toy = { title: "Toy", floor: {}, compile: undefined };

/** The limits of a run of a language with this floor, under these defaults and this ceiling. */
function merge(
  asked: Partial<Limits> | undefined,
  {
    defaults = defaultLimits,
    highest = defaultCeiling,
    floor = {},
  }: Partial<Record<"defaults" | "highest", Limits>> & {
    floor?: Partial<Limits>;
  } = {},
): Limits {
  return resolveLimits({ limits: asked }, { ...toy, floor }, { defaults, ceiling: highest }).limits;
}

function refusal(asked: Partial<Limits>): ProblemError {
  try {
    merge(asked, { highest: ceiling });
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("the limits of one run", () => {
  it("are the defaults where it asks for nothing", () => {
    expect(merge(undefined)).toEqual({
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
    const merged = merge({ timeoutMs: 10_000, outputBytes: 0 }, { highest: ceiling });
    expect([merged.timeoutMs, merged.outputBytes, merged.processes]).toEqual([10_000, 0, 64]);
  });

  it("are lowered to the ceiling in silence when they come from the defaults", () => {
    expect(merge({}, { highest: ceiling }).timeoutMs).toBe(10_000);
  });

  it("are refused over the ceiling, with every field", () => {
    const problem = refusal({ timeoutMs: 10_001, processes: 101, openFiles: 20 });
    expect(problem.code).toBe("limit-over-ceiling");
    expect(problem.errors).toEqual([
      { field: "limits.timeoutMs", message: "10001 is over this host's ceiling of 10000" },
      { field: "limits.processes", message: "101 is over this host's ceiling of 100" },
    ]);
  });

  it("are refused in the unit in which the caller knows them", () => {
    const amountText = (name: string, amount: number) => `${name} of ${amount / 1000} s`;
    const resolve = () =>
      resolveLimits({ limits: { timeoutMs: 11_000 } }, toy, { defaults: defaultLimits, ceiling }, amountText);
    expect(resolve).toThrow("limits.timeoutMs: timeoutMs of 11 s is over this host's ceiling of timeoutMs of 10 s");
  });

  it("of the program and of its compiler are refused together", () => {
    const asked = { limits: { processes: 101 }, compileLimits: { processes: 102 } };
    expect(() => resolveLimits(asked, toy, { defaults: defaultLimits, ceiling })).toThrow(
      "limits.processes: 101 is over this host's ceiling of 100; " +
        "compileLimits.processes: 102 is over this host's ceiling of 100",
    );
  });
});

describe("the floor of a language", () => {
  const floor = { memoryBytes: 1 << 28, processes: 16 };
  const merged = (asked: Partial<Limits> | undefined, least: Partial<Limits> = floor, highest = defaultCeiling) =>
    merge(asked, { defaults: { ...defaultLimits, memoryBytes: 1 << 26, processes: 8 }, highest, floor: least });
  function refusal(
    asked: Partial<Limits>,
    highest = defaultCeiling,
    field: "limits" | "compileLimits" = "limits",
  ): ProblemError {
    try {
      resolveLimits({ [field]: asked }, { ...toy, floor }, { defaults: defaultLimits, ceiling: highest });
    } catch (error) {
      if (error instanceof ProblemError) return error;
    }
    throw new Error("was not refused");
  }

  it("raises defaults in silence, and none that are above it", () => {
    expect(merged(undefined)).toMatchObject({ memoryBytes: 1 << 28, processes: 16, timeoutMs: 30_000 });
    expect(merged({}, { processes: 4 })).toMatchObject({ processes: 8, memoryBytes: 1 << 26 });
  });

  it("is what a run may ask for, and not less", () => {
    expect(merged({ processes: 16, memoryBytes: 1 << 30 })).toMatchObject({ processes: 16, memoryBytes: 1 << 30 });
    const problem = refusal({ processes: 15, memoryBytes: (1 << 28) - 1, timeoutMs: 1 });
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors).toEqual([
      { field: "limits.memoryBytes", message: "268435455 is too little: Toy needs 268435456" },
      { field: "limits.processes", message: "15 is too little: Toy needs 16" },
    ]);
  });

  it("that is above the ceiling gives way to it: the operator's word is the last", () => {
    const highest = { ...defaultCeiling, processes: 10 };
    expect(merged(undefined, floor, highest).processes).toBe(10);
    expect(merged({ processes: 10 }, floor, highest).processes).toBe(10);
    expect(refusal({ processes: 9 }, highest).errors[0]?.message).toBe("9 is too little: Toy needs 10");
    expect(refusal({ processes: 11 }, highest).code).toBe("limit-over-ceiling");
  });

  it("goes before the ceiling when a run breaks both", () => {
    const problem = refusal({ processes: 1, timeoutMs: 1 + defaultCeiling.timeoutMs });
    expect([problem.code, problem.errors.length]).toEqual(["invalid-request", 1]);
  });

  it("names the limits of the compiler as the request does", () => {
    expect(refusal({ processes: 1 }, defaultCeiling, "compileLimits").errors[0]?.field).toBe("compileLimits.processes");
    expect(refusal({ processes: 2_000 }, defaultCeiling, "compileLimits").errors[0]?.field).toBe(
      "compileLimits.processes",
    );
  });

  it("is none for a language that names none", () => {
    expect(merge({ processes: 1 }).processes).toBe(1);
    expect(unaskedLimits(defaultLimits, defaultCeiling, {})).toEqual(defaultLimits);
  });
});
