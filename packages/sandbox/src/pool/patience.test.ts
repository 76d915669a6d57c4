import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { patience } from "./patience.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tooLong = () => new Error("too long");

it("patience ends after its time with the error that was asked for", () => {
  const { signal } = patience(new AbortController().signal, 300, tooLong);
  vi.advanceTimersByTime(299);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect([signal.aborted, signal.reason.message]).toEqual([true, "too long"]);
});

it("patience ends with the reason of the signal, before or meanwhile", () => {
  const reason = new Error("enough");
  expect(patience(AbortSignal.abort(reason), 300, tooLong).signal.reason).toBe(reason);
  const controller = new AbortController();
  const { signal } = patience(controller.signal, 300, tooLong);
  controller.abort(reason);
  vi.advanceTimersByTime(1_000);
  expect(signal.reason).toBe(reason);
});

it.each([Number.POSITIVE_INFINITY, 2 ** 31])("patience of %d ms has no end but that of the signal", (waitMs) => {
  const controller = new AbortController();
  const { signal, over } = patience(controller.signal, waitMs, tooLong);
  expect([signal.aborted, vi.getTimerCount()]).toEqual([false, 0]);
  controller.abort(new Error("enough"));
  expect(signal.reason.message).toBe("enough");
  over();
});

it("patience that is over leaves neither a timer nor a listener", () => {
  const controller = new AbortController();
  const { signal, over } = patience(controller.signal, 300, tooLong);
  over();
  expect([vi.getTimerCount(), getEventListeners(controller.signal, "abort")]).toEqual([0, []]);
  controller.abort();
  expect(signal.aborted).toBe(false);
});
