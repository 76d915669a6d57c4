import { expect, test } from "vitest";
import { EventLog } from "./event-log.ts";
import type { EngineEvent, LoggedEvent } from "./events.ts";

const kib = 1024;
const mib = 1024 * kib;
const last: EngineEvent = {
  type: "rejected",
  problem: { type: "", title: "", status: 503, detail: "", code: "closed", advice: "", errors: [] },
};
const text = (value: string): EngineEvent => ({ type: "stdout", data: new TextEncoder().encode(value) });
const chunk = (bytes: number): EngineEvent => ({ type: "stdout", data: new Uint8Array(bytes) });
const step = (fraction: number): EngineEvent => ({ type: "progress", fraction, message: null });

function open(windowBytes?: number) {
  const told = { resumed: 0 };
  const log = new EventLog({ resume: () => told.resumed++, ...(windowBytes === undefined ? {} : { windowBytes }) });
  return { log, told };
}

const pending = new WeakMap<AsyncIterator<LoggedEvent>, Promise<IteratorResult<LoggedEvent>>>();

/** What there is for a reader now. */
async function available(reader: AsyncIterator<LoggedEvent>): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (;;) {
    const coming = pending.get(reader) ?? reader.next();
    pending.set(reader, coming);
    const next = await Promise.race([
      coming,
      new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined))),
    ]);
    if (next === undefined || next.done === true) return events;
    pending.delete(reader);
    events.push(next.value);
  }
}

async function all(log: EventLog, afterSeq = -1): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for await (const event of log.read(afterSeq)) events.push(event);
  return events;
}

test("events are numbered once, and every reader gets the same, whenever it comes", async () => {
  const { log } = open();
  const early = all(log);
  log.push(step(0.1));
  log.push(step(0.2));
  const middle = all(log);
  log.close(false);
  log.end(last);
  const numbered = [
    { seq: 0, event: step(0.1) },
    { seq: 1, event: step(0.2) },
    { seq: 2, event: last },
  ];
  expect(await early).toEqual(numbered);
  expect(await middle).toEqual(numbered);
  expect(await all(log)).toEqual(numbered);
});

test("a reader gets the events after the one that it names", async () => {
  const { log } = open();
  log.push(step(0.1));
  log.push(step(0.2));
  const waiting = all(log, 1);
  log.end(last);
  expect((await all(log, 0)).map(({ seq }) => seq)).toEqual([1, 2]);
  expect((await waiting).map(({ seq }) => seq)).toEqual([2]);
  expect(await all(log, 2)).toEqual([]);
});

test("a number that is not reached yet stands for what comes from now on", async () => {
  const { log } = open();
  log.push(step(0.1));
  const reader = all(log, 999_999_999_999_999);
  log.push(step(0.2));
  log.end(last);
  expect((await reader).map(({ seq }) => seq)).toEqual([1, 2]);
});

test("output is in whole characters, each stream for itself, and what is left comes at the end", async () => {
  const { log } = open();
  const euro = new TextEncoder().encode("€");
  log.push({ type: "stdout", data: euro.subarray(0, 1) });
  log.push({ type: "stderr", data: euro.subarray(0, 2) });
  log.push({ type: "stdout", data: euro.subarray(1) });
  log.close(false);
  expect(log.kept().events).toEqual([
    { seq: 0, event: { type: "stdout", data: euro } },
    { seq: 1, event: { type: "stderr", data: euro.subarray(0, 2) } },
  ]);
  expect(log.kept()).toMatchObject({ lastSeq: 2, binary: ["stderr"] });
});

test("output that a limit has cut off within a character is no binary one", () => {
  const { log } = open();
  log.push({ type: "stdout", data: new TextEncoder().encode("€").subarray(0, 2) });
  log.close(true);
  expect(log.kept()).toMatchObject({ binary: [], events: [{ event: { type: "stdout", cutOff: true } }] });
});

test("a small piece does not hold the memory that it came in", () => {
  const { log } = open();
  const slab = new Uint8Array(64 * kib);
  log.push({ type: "stdout", data: slab.subarray(10, 11) });
  log.push({ type: "stdout", data: slab.subarray(0, 60 * kib) });
  const held = log.kept().events.map(({ event }) => ("data" in event ? (event.data as Uint8Array).buffer : undefined));
  expect(held.map((buffer) => buffer?.byteLength)).toEqual([1, 64 * kib]);
});

test("without readers the program is not stopped, and the log holds the newest within its window", () => {
  const { log } = open(100 * kib);
  const answers = Array.from({ length: 100 }, () => log.push(chunk(10 * kib)));
  expect(answers.every(Boolean)).toBe(true);
  log.close(false);
  const kept = log.kept();
  expect(kept.bytes).toBeLessThanOrEqual(100 * kib);
  expect(kept.events.map(({ seq }) => seq)).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99]);
});

test("a reader that comes late gets one event in place of those that are gone, and goes on behind it", async () => {
  const { log } = open(100 * kib);
  for (let index = 0; index < 20; index++) log.push(chunk(10 * kib));
  log.end(last);
  const events = await all(log, 2);
  expect(events[0]).toEqual({ seq: 10, event: { type: "cut", from: 3 } });
  expect(events.map(({ seq }) => seq)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
});

test("a reader that is alone and slow stops the program, lets it go on when it is near, and misses nothing", async () => {
  const { log, told } = open();
  const reader = log.read(-1);
  let pushed = 0;
  while (pushed < 100 && log.push(chunk(64 * kib))) pushed++;
  expect(pushed).toBe(15);
  const read: number[] = [];
  for (let index = 0; index < 11; index++) read.push((await reader.next()).value?.seq ?? -1);
  expect(told.resumed).toBe(0);
  read.push((await reader.next()).value?.seq ?? -1);
  read.push((await reader.next()).value?.seq ?? -1);
  expect(told.resumed).toBe(1);
  expect(log.push(chunk(1))).toBe(true);
  read.push(...(await available(reader)).map(({ seq }) => seq));
  expect(read).toEqual(Array.from({ length: 17 }, (_, seq) => seq));
});

test("a reader that stops does not stop another, which gets everything; it has a cut later", async () => {
  const { log, told } = open(200 * kib);
  const slow = log.read(-1);
  const quick = log.read(-1);
  const got: number[] = [];
  for (let index = 0; index < 100; index++) {
    expect(log.push(chunk(40 * kib))).toBe(true);
    got.push(...(await available(quick)).map(({ seq }) => seq));
  }
  expect(got).toEqual(Array.from({ length: 100 }, (_, seq) => seq));
  expect(told.resumed).toBe(0);
  log.end(last);
  const late = await available(slow);
  expect(late[0]).toEqual({ seq: 95, event: { type: "cut", from: 0 } });
  expect(late.map(({ seq }) => seq)).toEqual([95, 96, 97, 98, 99, 100]);
});

test("the last reader that leaves lets the program go on, and the log forgets it at once", async () => {
  const { log, told } = open();
  const [one, other] = [log.read(-1), log.read(-1)];
  for (let index = 0; index < 16; index++) log.push(chunk(64 * kib));
  await one.return();
  expect([log.readers, told.resumed]).toEqual([1, 0]);
  await other.return();
  await other.return();
  expect([log.readers, told.resumed]).toEqual([0, 1]);
  expect(log.push(chunk(8 * mib))).toBe(true);
});

test("when the foremost reader leaves, the program goes at the pace of the next", async () => {
  const { log, told } = open();
  const [slow, quick] = [log.read(-1), log.read(-1)];
  for (let index = 0; index < 30; index++) {
    log.push(chunk(64 * kib));
    await quick.next();
  }
  await quick.return();
  expect(log.push(chunk(64 * kib))).toBe(false);
  expect(told.resumed).toBe(0);
  expect(await available(slow)).toHaveLength(31);
  expect(told.resumed).toBe(1);
});

test("a reader that waits for an event can leave", async () => {
  const { log } = open();
  const reader = log.read(-1);
  const waiting = [reader.next(), reader.next()];
  await reader.return();
  expect(await Promise.all(waiting)).toEqual([
    { value: undefined, done: true },
    { value: undefined, done: true },
  ]);
  expect(log.push(text("x"))).toBe(true);
  expect(await reader.next()).toEqual({ value: undefined, done: true });
});

test("readers that ask before there is anything are answered in their order", async () => {
  const { log } = open();
  const reader = log.read(-1);
  const waiting = [reader.next(), reader.next(), reader.next()];
  log.push(step(0.1));
  log.push(step(0.2));
  log.end(last);
  expect((await Promise.all(waiting)).map(({ value }) => value?.seq)).toEqual([0, 1, 2]);
});

test("a program that cannot be made to wait fills no more than some windows for a reader that stopped", async () => {
  const { log } = open(100 * kib);
  const reader = log.read(-1);
  for (let index = 0; index < 500; index++) log.push(chunk(10 * kib));
  log.close(false);
  expect(log.kept().bytes).toBeLessThanOrEqual(800 * kib);
  log.end(last);
  expect((await available(reader))[0]?.event.type).toBe("cut");
});

test("an event larger than the window is there for those who read", async () => {
  const { log } = open(20 * kib);
  const reader = log.read(-1);
  log.push({ type: "display", data: { "text/plain": "x".repeat(100 * kib) } });
  log.push(step(1));
  expect((await available(reader)).map(({ event }) => event.type)).toEqual(["display", "progress"]);
});

test("a thousand readers cost a push no more than a look at each", async () => {
  const { log } = open();
  const readers = Array.from({ length: 1_000 }, () => all(log));
  for (let index = 0; index < 50; index++) log.push(step(index / 50));
  log.end(last);
  expect((await Promise.all(readers)).every((events) => events.length === 51)).toBe(true);
  expect(log.readers).toBe(0);
});
