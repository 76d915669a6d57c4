import { expect, test } from "vitest";
import { finishedExecutionSchema, type ProgramEnd } from "./execution.ts";
import { defaultCompileLimits, defaultLimits } from "./limits.ts";
import { finishedExecution } from "./record.ts";

const end: ProgramEnd = {
  outcome: { kind: "exited", code: 0, stage: "run", violations: [] },
  stdout: "out",
  stderr: "",
  value: 42,
  results: {},
  variables: {},
  displays: [],
  artifacts: [],
  error: null,
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
  warnings: [],
  isolation: { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] },
};
const head = {
  id: "1",
  language: "python",
  limits: defaultLimits,
  createdAt: "2026-01-31T08:15:00.000Z",
  finishedAt: "2026-01-31T08:15:00.002Z",
  findings: [],
};

test("a record has what its owner and what the program say, and passes the schema", () => {
  const startedAt = "2026-01-31T08:15:00.001Z";
  const record = finishedExecution(
    { ...head, startedAt, compileLimits: defaultCompileLimits, metadata: { who: "me" } },
    end,
  );
  expect(record).toEqual({
    ...head,
    ...end,
    status: "finished",
    startedAt,
    compileLimits: defaultCompileLimits,
    metadata: { who: "me" },
  });
  expect(finishedExecutionSchema.safeParse(record).success).toBe(true);
});

test("what there is not is no field of it", () => {
  const record = finishedExecution(
    { ...head, startedAt: undefined, compileLimits: undefined, metadata: undefined },
    end,
  );
  expect(Object.keys(record)).not.toEqual(expect.arrayContaining(["startedAt"]));
  expect("compileLimits" in record || "metadata" in record).toBe(false);
});
