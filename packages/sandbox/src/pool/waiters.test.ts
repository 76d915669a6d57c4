import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { Waiters } from "./waiters.ts";

it("are served in their order, and serving nobody does nothing", async () => {
  const waiters = new Waiters<number>();
  waiters.serve(() => 0);
  const { signal } = new AbortController();
  const all = [waiters.wait(signal, undefined), waiters.wait(signal, undefined)];
  expect(waiters.length).toBe(2);
  waiters.serve(() => 1);
  waiters.serve(() => 2);
  expect(await Promise.all(all)).toEqual([1, 2]);
  expect(waiters.length).toBe(0);
});

it("who gives up leaves the queue, and the next is served", async () => {
  const waiters = new Waiters<number>();
  const first = new AbortController();
  const gone = waiters.wait(first.signal, undefined);
  const next = waiters.wait(new AbortController().signal, undefined);
  first.abort(new Error("too long"));
  await expect(gone).rejects.toThrow("too long");
  expect(waiters.length).toBe(1);
  waiters.serve(() => 7);
  expect(await next).toBe(7);
});

it("are all told when they wait in vain", async () => {
  const waiters = new Waiters<number>();
  const { signal } = new AbortController();
  const all = [waiters.wait(signal, undefined), waiters.wait(signal, undefined)];
  waiters.reject(new Error("closed"));
  const ends = await Promise.allSettled(all);
  expect(ends.map((end) => end.status === "rejected" && end.reason.message)).toEqual(["closed", "closed"]);
  expect(waiters.length).toBe(0);
});

it("leave no listener on their signal, whether they were served or rejected", async () => {
  const waiters = new Waiters<number>();
  const { signal } = new AbortController();
  const served = waiters.wait(signal, undefined);
  const rejected = waiters.wait(signal, undefined);
  waiters.serve(() => 1);
  waiters.reject(new Error("closed"));
  await Promise.allSettled([served, rejected]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
