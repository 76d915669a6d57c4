/** Lets a fixed number through at a time; the others wait in order. */
export class Turnstile {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves with a place; rejects with the reason of `signal` when it aborts first. */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const abandon = () => {
        this.#queue.splice(this.#queue.indexOf(pass), 1);
        reject(signal.reason);
      };
      const pass = () => {
        signal.removeEventListener("abort", abandon);
        resolve();
      };
      signal.addEventListener("abort", abandon, { once: true });
      this.#queue.push(pass);
    });
  }

  /** Gives a place back; the first in the queue takes it. */
  leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
