import { expect, it } from "vitest";
import { unlessAborted } from "./unless-aborted.ts";

const never = new AbortController().signal;

it("work comes to what it comes to while its signal is silent", async () => {
  expect(await unlessAborted(Promise.resolve(7), never)).toBe(7);
  const failure = new Error("failed");
  await expect(unlessAborted(Promise.reject(failure), never)).rejects.toBe(failure);
});

it("work is not waited for when its signal aborts, before or meanwhile, and the reason is told", async () => {
  const reason = new Error("no patience");
  await expect(unlessAborted(new Promise(() => {}), AbortSignal.abort(reason))).rejects.toBe(reason);
  await expect(unlessAborted(Promise.reject(new Error("late")), AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const waiting = unlessAborted(new Promise(() => {}), controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

it("work that fails after its signal aborted fails in silence", async () => {
  const controller = new AbortController();
  let fail = (_: Error) => {};
  const waiting = unlessAborted(
    new Promise((_, reject) => {
      fail = reject;
    }),
    controller.signal,
  );
  controller.abort(new Error("no patience"));
  await expect(waiting).rejects.toThrow("no patience");
  fail(new Error("late"));
  await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail the suite
});
