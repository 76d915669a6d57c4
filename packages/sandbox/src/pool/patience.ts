/** The longest time that a timer can have; who would wait longer waits without end. */
const longestTimerMs = 2 ** 31 - 1;

/** How long somebody waits: until it aborts, or until a time is over. `over` is to be called when the wait is. */
export interface Patience {
  readonly signal: AbortSignal;
  over(): void;
}

/** A signal that aborts with the reason of `signal`, or after `waitMs` with what `tooLong` makes. */
export function patience(signal: AbortSignal, waitMs: number, tooLong: () => Error): Patience {
  if (signal.aborted || waitMs > longestTimerMs) return { signal, over: () => {} };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(tooLong()), waitMs);
  timer.unref();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    over: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    },
  };
}
