/**
 * Passes values from one writer to at most one reader, holding one at a time: `offer` waits until the
 * reader has taken the value. Without a reader, and after the reader or `open` let go, values are dropped.
 */
export class Handoff<T> {
  #reading = false;
  #done = false;
  #offered: { value: T; taken: () => void } | undefined;
  #wanted: ((result: IteratorResult<T>) => void) | undefined;

  async offer(value: T): Promise<void> {
    if (!this.#reading || this.#done) return;
    if (this.#wanted !== undefined) {
      const give = this.#wanted;
      this.#wanted = undefined;
      give({ value, done: false });
      return;
    }
    await new Promise<void>((taken) => {
      this.#offered = { value, taken };
    });
  }

  end(): void {
    this.#done = true;
    this.#offered?.taken();
    this.#wanted?.({ value: undefined, done: true });
  }

  read(): AsyncIterableIterator<T> {
    this.#reading = true;
    const iterator: AsyncIterableIterator<T> = {
      next: () => this.#next(),
      return: () => {
        this.end();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  #next(): Promise<IteratorResult<T>> {
    if (this.#offered !== undefined) {
      const { value, taken } = this.#offered;
      this.#offered = undefined;
      taken();
      return Promise.resolve({ value, done: false });
    }
    if (this.#done) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }
}
