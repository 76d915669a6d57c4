import { defaultLimits, type FinishedExecution, finishedExecution } from "@glovebox/protocol";
import { expect, test } from "vitest";
import type { ExecutionStore, QueuedExecution } from "../engine/index.ts";
import { storeSuite } from "../testing/store-suite.ts";
import { createMemoryStore } from "./memory-store.ts";

storeSuite("memory", async () => ({ store: createMemoryStore(), close: async () => {} }));

const time = "2026-01-31T08:15:00.000Z";
const noEvents = { events: [], lastSeq: 0, binary: [], bytes: 0 } as const;
const queued = (id: string): QueuedExecution => ({
  ...{ id, status: "queued", language: "python", limits: defaultLimits, createdAt: time },
});

function finished(id: string, stdout = ""): FinishedExecution {
  return finishedExecution(
    { ...queued(id), finishedAt: time, findings: [] },
    {
      outcome: { kind: "exited", code: 0, stage: "run", violations: [] },
      ...{ stdout, stderr: "", value: null, results: {}, variables: {}, displays: [], artifacts: [], error: null },
      metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
      warnings: [],
      isolation: { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] },
    },
  );
}

const ids = async (store: ExecutionStore) => (await store.list({})).executions.map(({ id }) => id);

test("the first that were over are forgotten first, and what is not over is never", async () => {
  const store = createMemoryStore({ keepBytes: 40_000 });
  for (const id of ["a", "b", "c", "d"]) await store.add(queued(id));
  for (const id of ["c", "a", "d"]) await store.finish(finished(id, "x".repeat(15_000)), noEvents);
  expect(await ids(store)).toEqual(["d", "b", "a"]);
  expect((await store.usage()).bytes).toBeLessThanOrEqual(40_000);
});

test("a record that is larger than the bound is not kept", async () => {
  const store = createMemoryStore({ keepBytes: 10_000 });
  await store.add(queued("a"));
  await store.finish(finished("a", "x".repeat(20_000)), noEvents);
  expect(await store.usage()).toEqual({ executions: 0, bytes: 0 });
});

test("content is taken only where there is room for it, for which older executions are forgotten", async () => {
  const store = createMemoryStore({ keepBytes: 40_000 });
  await store.add(queued("old"));
  await store.finish(finished("old", "x".repeat(20_000)), noEvents);
  await store.add(queued("new"));
  const sink = store.artifacts("new");
  expect(sink?.begin("a", 30_000)).toBe(true);
  expect(await ids(store)).toEqual(["new"]);
  expect(sink?.begin("b", 30_000)).toBe(false);
});

test("of one execution at most 64 MiB of content are taken", async () => {
  const store = createMemoryStore();
  await store.add(queued("a"));
  const sink = store.artifacts("a");
  expect(sink?.begin("a", 64 * 1024 * 1024 + 1)).toBe(false);
  expect(sink?.begin("b", 64 * 1024 * 1024)).toBe(true);
  expect(sink?.begin("c", 1)).toBe(false);
});

test("a store that keeps nothing forgets an execution at its end, and wants no content", async () => {
  const store = createMemoryStore({ keepBytes: 0 });
  await store.add(queued("a"));
  expect(store.artifacts("a")).toBeUndefined();
  expect(await ids(store)).toEqual(["a"]);
  await store.finish(finished("a"), noEvents);
  expect(await store.usage()).toEqual({ executions: 0, bytes: 0 });
});
