import { createHash } from "node:crypto";
import {
  defaultLimits,
  executionSchema,
  type FinishedExecution,
  finishedExecution,
  type ProgramEnd,
} from "@glovebox/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ExecutionStore, KeptEvents, ListedArtifact, OverExecution, QueuedExecution } from "../engine/index.ts";

export interface OpenStore {
  readonly store: ExecutionStore;
  close(): Promise<void>;
}

const noEvents: KeptEvents = { events: [], lastSeq: 1, binary: [], bytes: 0 };
const at = (second: number) => `2026-01-31T08:15:${String(second).padStart(2, "0")}.000Z`;

function queued(id: string, language = "python", second = 0): QueuedExecution {
  return { id, status: "queued", language, limits: defaultLimits, createdAt: at(second) };
}

const plain: ProgramEnd = {
  outcome: { kind: "exited", code: 0, stage: "run", violations: [] },
  ...{ stdout: "", stderr: "", value: null, results: {}, variables: {}, displays: [], artifacts: [], error: null },
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
  warnings: [],
  isolation: { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] },
};

function finished(one: QueuedExecution, end: Partial<ProgramEnd> = {}): FinishedExecution {
  const times = { startedAt: at(1), finishedAt: at(2) };
  return finishedExecution({ ...one, ...times, findings: [] }, { ...plain, ...end });
}

function rejected(one: QueuedExecution): OverExecution {
  const problem = {
    type: "urn:x",
    title: "t",
    status: 503,
    detail: "d",
    code: "closed",
    advice: "a",
    errors: [],
  } as const;
  return { ...one, status: "rejected", finishedAt: at(2), problem: { ...problem, errors: [] } };
}

async function bytesOf({ read }: ListedArtifact, range?: { start: number; end: number }): Promise<string> {
  const content = read?.(range) ?? new Uint8Array();
  if (content instanceof Uint8Array) return Buffer.from(content).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What every store promises. `open` gives an empty one, with room for all that is put into it here. */
export function storeSuite(name: string, open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let store: ExecutionStore;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.close());

  const json = async (id: string) =>
    executionSchema.parse(JSON.parse(Buffer.from((await store.json(id)) ?? []).toString()));
  const listed = async (filter: Parameters<ExecutionStore["list"]>[0]) =>
    (await store.list(filter)).executions.map(({ id }) => id);

  test(`${name}: an execution goes from queued over running to finished, and is what was given`, async () => {
    const one = { ...queued("a"), metadata: { k: [1] } };
    await store.add(one);
    expect(await json("a")).toEqual(one);
    await store.start("a", at(1));
    expect(await json("a")).toEqual({ ...one, status: "running", startedAt: at(1) });
    expect(await store.summary("a")).toEqual({
      ...{ id: "a", status: "running", language: "python", createdAt: at(0), startedAt: at(1) },
    });
    const end = finished(one, { stdout: "€", value: { a: null } });
    await store.finish(end, noEvents);
    expect(await json("a")).toEqual(end);
    expect(await store.summary("a")).toMatchObject({ status: "finished", finishedAt: at(2), outcome: plain.outcome });
  });

  test(`${name}: an execution that never started is rejected with its problem`, async () => {
    await store.add(queued("a"));
    await store.finish(rejected(queued("a")), noEvents);
    expect(await json("a")).toMatchObject({ status: "rejected", problem: { code: "closed" } });
    expect(await store.summary("a")).toMatchObject({ status: "rejected", problem: { code: "closed" } });
  });

  test(`${name}: what is over does not change any more`, async () => {
    await store.add(queued("a"));
    await store.finish(finished(queued("a"), { value: 1 }), noEvents);
    await store.start("a", at(9));
    await store.finish(rejected(queued("a")), noEvents);
    await store.finish(finished(queued("a"), { value: 2 }), noEvents);
    expect(await json("a")).toMatchObject({ status: "finished", startedAt: at(1), value: 1 });
  });

  test(`${name}: what was never added is not there`, async () => {
    await store.start("x", at(1));
    await store.finish(finished(queued("x")), noEvents);
    expect(
      await Promise.all([store.summary("x"), store.json("x"), store.events("x"), store.artifact("x", "a")]),
    ).toEqual([...[undefined, undefined, undefined, undefined]]);
    expect(await store.remove("x")).toBe(false);
    expect(await listed({})).toEqual([]);
  });

  test(`${name}: the newest come first, also among those of one moment`, async () => {
    for (const id of ["b", "c", "a"]) await store.add(queued(id));
    expect(await listed({})).toEqual(["a", "c", "b"]);
  });

  test(`${name}: filters hold together`, async () => {
    const cancelled: Partial<ProgramEnd> = { outcome: { kind: "cancelled", stage: "run", violations: [] } };
    for (const [id, language] of [
      ["a", "python"],
      ["b", "lua"],
      ["c", "python"],
      ["d", "python"],
    ] as const) {
      await store.add(queued(id, language));
    }
    await store.start("a", at(1));
    await store.finish(finished(queued("b", "lua"), cancelled), noEvents);
    await store.finish(finished(queued("c"), cancelled), noEvents);
    expect(await listed({ language: "python" })).toEqual(["d", "c", "a"]);
    expect(await listed({ status: "running" })).toEqual(["a"]);
    expect(await listed({ status: "queued" })).toEqual(["d"]);
    expect(await listed({ outcome: "cancelled" })).toEqual(["c", "b"]);
    expect(await listed({ outcome: "cancelled", language: "lua", status: "finished" })).toEqual(["b"]);
    expect(await listed({ outcome: "exited" })).toEqual([]);
  });

  test(`${name}: pages follow each other while new ones come and old ones go`, async () => {
    const ids = Array.from({ length: 7 }, (_, index) => `id-${index}`);
    for (const id of ids) await store.add(queued(id));
    const first = await store.list({ limit: 3 });
    expect(first.executions.map(({ id }) => id)).toEqual(["id-6", "id-5", "id-4"]);
    await store.add(queued("new"));
    await store.finish(finished(queued("id-4")), noEvents);
    await store.remove("id-4");
    const second = await store.list({ limit: 3, cursor: first.nextCursor ?? "" });
    expect(second.executions.map(({ id }) => id)).toEqual(["id-3", "id-2", "id-1"]);
    const third = await store.list({ limit: 3, cursor: second.nextCursor ?? "" });
    expect([third.executions.map(({ id }) => id), third.nextCursor]).toEqual([["id-0"], null]);
  });

  test(`${name}: a page that ends with the last one has no cursor, and without a limit it has 50`, async () => {
    for (let index = 0; index < 51; index++) await store.add(queued(`id-${index}`));
    expect((await store.list({ limit: 51 })).nextCursor).toBeNull();
    const page = await store.list({});
    expect([page.executions.length, page.nextCursor === null]).toEqual([50, false]);
  });

  test.each(["", "x", "-1", "!!", "é".repeat(500), "bnVsbA"])(`${name}: %j is no cursor`, async (cursor) => {
    await expect(store.list({ cursor })).rejects.toMatchObject({
      code: "invalid-request",
      errors: [{ field: "cursor" }],
    });
  });

  test(`${name}: events come back as they were kept`, async () => {
    const kept: KeptEvents = {
      events: [
        { seq: 3, event: { type: "stdout", data: Uint8Array.from([0xe2, 0x82, 0xac, 0xff]) } },
        { seq: 4, event: { type: "stderr", data: Uint8Array.from([0xe2]), cutOff: true } },
        { seq: 5, event: { type: "result", name: "n", value: [{ a: 1 }, null] } },
      ],
      ...{ lastSeq: 6, binary: ["stdout"], bytes: 900 },
    };
    await store.add(queued("a"));
    expect(await store.events("a")).toBeUndefined();
    await store.finish(finished(queued("a")), kept);
    expect(await store.events("a")).toEqual(kept);
  });

  test(`${name}: artifacts are read whole and in ranges`, async () => {
    await store.add(queued("a"));
    const sink = store.artifacts("a");
    const artifacts = [];
    for (const [path, text] of [
      ["x/y", "0123456789"],
      ["empty", ""],
    ] as const) {
      const artifact = { path, size: text.length, sha256: createHash("sha256").update(text).digest("hex") };
      expect(sink?.begin(path, text.length)).toBe(true);
      const chunk = Buffer.from(text.slice(0, 4));
      await sink?.write(chunk);
      chunk.fill(0);
      await sink?.write(Buffer.from(text.slice(4)));
      await sink?.end(artifact);
      artifacts.push(artifact);
    }
    expect(sink?.begin("broken", 5)).toBe(true);
    await sink?.write(Buffer.from("12"));
    await sink?.close();
    const broken = { path: "broken", size: 5, sha256: "0".repeat(64) };
    await store.finish(finished(queued("a"), { artifacts: [...artifacts, broken] }), noEvents);

    const whole = await store.artifact("a", "x/y");
    expect(whole).toMatchObject(artifacts[0] ?? {});
    if (whole === undefined) throw new Error("not kept");
    expect(await bytesOf(whole)).toBe("0123456789");
    expect(await bytesOf(whole, { start: 2, end: 5 })).toBe("234");
    expect(await bytesOf(whole, { start: 9, end: 10 })).toBe("9");
    const empty = await store.artifact("a", "empty");
    expect(empty?.read === undefined ? "gone" : await bytesOf(empty)).toBe("");
    expect(await store.artifact("a", "broken")).toEqual(broken);
    expect(await store.artifact("a", "x")).toBeUndefined();
    expect(await store.artifact("a", "__proto__")).toBeUndefined();
  });

  test(`${name}: content that was not taken is listed without it`, async () => {
    const artifact = { path: "a", size: 3, sha256: "0".repeat(64) };
    await store.add(queued("a"));
    await store.finish(finished(queued("a"), { artifacts: [artifact] }), noEvents);
    expect(await store.artifact("a", "a")).toEqual(artifact);
  });

  test(`${name}: one that is over is removed with all it has, one that is not stays`, async () => {
    await store.add(queued("a"));
    expect(await store.remove("a")).toBe(false);
    await store.finish(finished(queued("a")), noEvents);
    expect(await store.remove("a")).toBe(true);
    expect(await store.remove("a")).toBe(false);
    expect(await Promise.all([store.summary("a"), store.json("a"), store.events("a")])).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });

  test(`${name}: what it holds is counted, and is nothing again when all is removed`, async () => {
    const before = await store.usage();
    expect(before.executions).toBe(0);
    await store.add(queued("a"));
    const sink = store.artifacts("a");
    sink?.begin("f", 5_000);
    await sink?.write(Buffer.alloc(5_000));
    const artifact = { path: "f", size: 5_000, sha256: "0".repeat(64) };
    await sink?.end(artifact);
    await sink?.close();
    const end = finished(queued("a"), { stdout: "x".repeat(10_000), artifacts: [artifact] });
    await store.finish(end, { ...noEvents, bytes: 700 });
    const { executions, bytes } = await store.usage();
    expect(executions).toBe(1);
    expect(bytes - before.bytes).toBeGreaterThan(15_000);
    await store.remove("a");
    expect(await store.usage()).toEqual(before);
  });
}
