import { ProblemError, type Program } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { createMemoryStore } from "../store/index.ts";
import { createFakePrograms, ending, type FakeProgram, refusing } from "../testing/fake-programs.ts";
import { createEngine } from "./engine.ts";
import type { LoggedEvent } from "./events.ts";

const request = { code: "1" };
const silent: FakeProgram = function* () {};
const untilCancelled: FakeProgram = async function* (_program, cancelled) {
  yield { type: "progress", fraction: null, message: null };
  await cancelled;
};
/** Waits for a sandbox until it is closed or cancelled. */
// biome-ignore lint/correctness/useYield: it has no events
const neverStarting: FakeProgram = async function* (_program, cancelled) {
  await cancelled;
};

function start(fake: FakeProgram, keepBytes?: number) {
  const programs = createFakePrograms(fake);
  const engine = createEngine(programs, createMemoryStore(keepBytes === undefined ? {} : { keepBytes }));
  return { programs, engine };
}

async function all(events: AsyncIterable<LoggedEvent>): Promise<LoggedEvent[]> {
  const list: LoggedEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

test("an execution is recorded before it runs, and whoever has its last event finds the record", async () => {
  const { engine, programs } = start(ending({ value: 7 }));
  const { id, execution } = await engine.accept(request, { warnings: ["mine"] });
  expect([execution.status, programs.calls.length]).toEqual(["queued", 0]);
  expect(await engine.get(id)).toEqual(execution);
  const found = (async () => {
    for await (const { event } of engine.events(id)) if (event.type === "finished") return engine.get(id);
    return undefined;
  })();
  const record = await engine.perform(id);
  expect(record).toMatchObject({ id, status: "finished", value: 7, warnings: ["mine"] });
  expect(await found).toEqual(record);
});

test("warnings come in the order: the caller's, the parser's, the program's", async () => {
  const { engine, programs } = start(silent);
  const program: Program = { ...(await programs.resolve(request)), warnings: ["program"] };
  const { id } = await engine.acceptProgram(program, { warnings: ["caller", "parser"] });
  expect((await engine.perform(id)).warnings).toEqual(["caller", "parser", "program"]);
});

test("an execution that never started is rejected, for whoever performs it and whoever asks later", async () => {
  const { engine } = start(refusing(new ProblemError("sandbox-busy", "none")));
  const { id } = await engine.accept(request);
  await expect(engine.perform(id)).rejects.toMatchObject({ code: "sandbox-busy" });
  expect(await engine.get(id)).toMatchObject({ status: "rejected", problem: { code: "sandbox-busy" } });
  expect((await all(engine.events(id))).map(({ event }) => event.type)).toEqual(["rejected"]);
});

test("a fault is told as such, without its cause", async () => {
  const { engine } = start(() => {
    throw new Error("password");
  });
  const { id } = await engine.accept(request);
  await expect(engine.perform(id)).rejects.toThrow("password");
  expect(JSON.stringify(await engine.get(id))).not.toContain("password");
  expect(await engine.get(id)).toMatchObject({ status: "rejected", problem: { code: "internal-error" } });
});

test("one that is cancelled before anybody performs it is over, and is not run", async () => {
  const { engine, programs } = start(silent);
  const { id } = await engine.accept(request);
  expect(await engine.cancel(id)).toMatchObject({ status: "finished", outcome: { kind: "cancelled" } });
  await expect(engine.perform(id)).rejects.toMatchObject({ code: "not-found" });
  expect(programs.calls).toHaveLength(0);
});

test("one that waits for a sandbox is cancelled without a start", async () => {
  const { engine } = start(neverStarting);
  const { id } = await engine.accept(request);
  const performed = engine.perform(id);
  await engine.cancel(id);
  const record = await performed;
  expect(record.outcome.kind).toBe("cancelled");
  expect(record.startedAt).toBeUndefined();
  expect((await all(engine.events(id))).map(({ event }) => event.type)).toEqual(["finished"]);
});

test("an execution is performed once", async () => {
  const { engine } = start(untilCancelled);
  const { id } = await engine.accept(request);
  const performed = engine.perform(id);
  await expect(engine.perform(id)).rejects.toThrow("performed before");
  await engine.cancel(id);
  await performed;
});

test("from the drain on nothing is accepted; what runs may end, and what nobody performs is rejected", async () => {
  const { engine } = start(untilCancelled);
  const running = await engine.accept(request);
  const idle = await engine.accept(request);
  const performed = engine.perform(running.id);
  const drained = engine.drain();
  expect(engine.closing).toBe(true);
  await expect(engine.accept(request)).rejects.toMatchObject({ code: "closed" });
  await engine.cancel(running.id);
  await Promise.all([drained, performed]);
  expect(await engine.get(idle.id)).toMatchObject({ status: "rejected", problem: { code: "closed" } });
});

test("what still waits when the programs are closed is rejected as closed", async () => {
  const { engine, programs } = start(neverStarting);
  const { id } = await engine.accept(request);
  const performed = engine.perform(id, { waitMs: Number.POSITIVE_INFINITY });
  performed.catch(() => {});
  const drained = engine.drain();
  await programs.close();
  await drained;
  await expect(performed).rejects.toMatchObject({ code: "closed" });
  expect(await engine.get(id)).toMatchObject({ status: "rejected", problem: { code: "closed" } });
});

test("an execution that nothing keeps is gone at its end, for those who do not read it yet", async () => {
  const { engine } = start(ending({ value: 7 }), 0);
  const { id } = await engine.accept(request);
  const events = all(engine.events(id));
  expect(await engine.perform(id)).toMatchObject({ value: 7 });
  expect((await events).map(({ event }) => event.type)).toEqual(["started", "finished"]);
  await expect(engine.get(id)).rejects.toMatchObject({ code: "not-found" });
  await expect(all(engine.events(id))).rejects.toMatchObject({ code: "not-found" });
});
