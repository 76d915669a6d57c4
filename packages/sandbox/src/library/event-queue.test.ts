import { describe, expect, it } from "vitest";
import type { RunEvent } from "../api.ts";
import { EventQueue } from "./event-queue.ts";

const output = (size: number): RunEvent => ({ type: "stdout", data: new Uint8Array(size) });
const progress = (fraction: number): RunEvent => ({ type: "progress", fraction, message: null });

function make() {
  let drained = 0;
  const queue = new EventQueue(() => {
    drained += 1;
  });
  return { queue, drained: () => drained };
}

async function rest(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const found: RunEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

describe("the queue of events", () => {
  it("drops what comes before there is a reader, and is never full then", async () => {
    const { queue } = make();
    for (let count = 0; count < 100; count++) queue.push(output(1_000_000));
    expect(queue.full).toBe(false);
    const events = queue.read();
    queue.push(progress(0.5));
    queue.end();
    expect(await rest(events)).toEqual([progress(0.5)]);
  });

  it("keeps the order and everything that was queued before the end", async () => {
    const { queue } = make();
    const events = queue.read();
    for (let count = 0; count < 5; count++) queue.push(progress(count / 10));
    queue.end();
    expect(await rest(events)).toEqual([0, 1, 2, 3, 4].map((count) => progress(count / 10)));
  });

  it("wakes a reader that waits", async () => {
    const { queue } = make();
    const found = rest(queue.read());
    await new Promise((resolve) => setImmediate(resolve));
    queue.push(progress(0.1));
    await new Promise((resolve) => setImmediate(resolve));
    queue.push(progress(0.2));
    queue.end();
    expect(await found).toEqual([progress(0.1), progress(0.2)]);
  });

  it("is full above 1 MiB and says once that it has drained below 256 KiB", async () => {
    const { queue, drained } = make();
    const reader = queue.read()[Symbol.asyncIterator]();
    for (let count = 0; count < 8; count++) queue.push(output(128 * 1024));
    expect(queue.full).toBe(true);
    for (let count = 0; count < 6; count++) await reader.next();
    expect([queue.full, drained()]).toEqual([false, 0]);
    await reader.next();
    expect(drained()).toBe(1);
    await reader.next();
    expect(drained()).toBe(1);
  });

  it("throws the failure after what was queued", async () => {
    const { queue } = make();
    const reader = queue.read()[Symbol.asyncIterator]();
    queue.push(progress(1));
    queue.end(new Error("refused"));
    expect((await reader.next()).value).toEqual(progress(1));
    await expect(reader.next()).rejects.toThrow("refused");
  });

  it("lets everything go when its reader leaves, at any moment", async () => {
    for (const reads of [0, 1, 2]) {
      const { queue, drained } = make();
      const reader = queue.read()[Symbol.asyncIterator]();
      for (let count = 0; count < 20; count++) queue.push(output(128 * 1024));
      for (let count = 0; count < reads; count++) await reader.next();
      expect(queue.full).toBe(true);
      await reader.return?.();
      expect(queue.full).toBe(false);
      expect(drained()).toBeGreaterThanOrEqual(1);
      queue.push(output(2 * 1024 * 1024));
      expect(queue.full).toBe(false);
    }
  });

  it("has one reader", () => {
    const { queue } = make();
    queue.read();
    expect(() => queue.read()).toThrow("the events of a run can be read once");
  });
});
