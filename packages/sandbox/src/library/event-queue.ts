import type { RunEvent } from "../api.ts";

/** Above this many queued bytes the sandbox is not read any more; below the low mark it is read again. */
const highWaterBytes = 1024 * 1024;
const lowWaterBytes = 256 * 1024;

/** A rough size of an event in memory; output counts by its bytes. */
function weight(event: RunEvent): number {
  if (event.type === "stdout" || event.type === "stderr") return event.data.byteLength + 64;
  if (event.type === "display" || event.type === "result") return 64 * 1024;
  return 256;
}

/**
 * The events of one run between the sandbox and their one reader. Without a reader they are dropped. With
 * a reader that is slower than the program, `full` tells the owner to stop reading the sandbox, and
 * `onDrained` when to go on.
 */
export class EventQueue {
  readonly #queue: { event: RunEvent; weight: number }[] = [];
  readonly #onDrained: () => void;
  #bytes = 0;
  #wanted = false;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(onDrained: () => void) {
    this.#onDrained = onDrained;
  }

  get full(): boolean {
    return this.#bytes > highWaterBytes;
  }

  push(event: RunEvent): void {
    if (!this.#wanted) return;
    const size = weight(event);
    this.#queue.push({ event, weight: size });
    this.#bytes += size;
    this.#wake?.();
  }

  /** No event follows; with an error the reader's iteration ends by throwing it. */
  end(failure?: Error): void {
    this.#ended = true;
    this.#failure = failure;
    this.#wake?.();
  }

  /** The events, once. A reader that leaves early lets the rest be dropped. */
  read(): AsyncIterable<RunEvent> {
    if (this.#wanted) throw new Error("the events of a run can be read once");
    this.#wanted = true;
    const events = this.#iterate();
    const leave = events.return.bind(events);
    // A generator that was never asked for an event ends without its `finally`.
    events.return = (value) => {
      this.#leave();
      return leave(value);
    };
    return events;
  }

  #leave(): void {
    this.#wanted = false;
    this.#queue.length = 0;
    this.#bytes = 0;
    this.#onDrained();
  }

  async *#iterate(): AsyncGenerator<RunEvent> {
    try {
      while (true) {
        const next = this.#queue.shift();
        if (next !== undefined) {
          const wasFull = this.#bytes > lowWaterBytes;
          this.#bytes -= next.weight;
          if (wasFull && this.#bytes <= lowWaterBytes) this.#onDrained();
          yield next.event;
          continue;
        }
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      this.#leave();
    }
  }
}
