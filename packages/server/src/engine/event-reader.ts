import type { LoggedEvent } from "./events.ts";

/** What a reader needs of the log. */
export interface ReaderLog {
  /** The event for a reader at `position`; `end` when there will be none, undefined when there is none yet. */
  take(position: number): LoggedEvent | "end" | undefined;
  /** The reader has got further. */
  moved(): void;
  /** The reader has left, or is at the end. Idempotent. */
  left(): void;
}

type Result = IteratorResult<LoggedEvent, undefined>;
const over: Result = { value: undefined, done: true };

/**
 * One reader of a log. It is no generator, because one that waits could not be made to leave: `return` answers those
 * who wait for an event at once.
 */
export class EventReader implements AsyncIterableIterator<LoggedEvent, undefined> {
  readonly #log: ReaderLog;
  readonly #waiting: ((result: Result) => void)[] = [];
  #position: number;
  #left = false;

  constructor(position: number, log: ReaderLog) {
    this.#position = position;
    this.#log = log;
  }

  /** The number of the event that it gets next. */
  get position(): number {
    return this.#position;
  }

  /** Looks whether there is something for those who wait. */
  wake(): void {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      const result = this.#take();
      if (result === undefined) return;
      this.#waiting.shift();
      first(result);
    }
  }

  next(): Promise<Result> {
    const result = this.#waiting.length > 0 ? undefined : this.#take();
    if (result !== undefined) return Promise.resolve(result);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<Result> {
    this.#leave();
    for (const resolve of this.#waiting.splice(0)) resolve(over);
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Result | undefined {
    if (this.#left) return over;
    const taken = this.#log.take(this.#position);
    if (taken === undefined) return undefined;
    if (taken === "end") {
      this.#leave();
      return over;
    }
    this.#position = taken.seq + 1;
    this.#log.moved();
    return { value: taken, done: false };
  }

  #leave(): void {
    this.#left = true;
    this.#log.left();
  }
}
