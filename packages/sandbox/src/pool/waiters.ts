interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait for something, in their order. */
export class Waiters<T> {
  #queue: Waiter<T>[] = [];

  get length(): number {
    return this.#queue.length;
  }

  /** Resolves when it is this one's turn; rejects with the reason of `signal` when that aborts first. */
  wait(signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      // A signal may outlive the wait by far, and with a listener on it everything that the wait was for.
      const over = () => signal.removeEventListener("abort", abandon);
      const waiter: Waiter<T> = {
        resolve: (value) => {
          over();
          resolve(value);
        },
        reject: (error) => {
          over();
          reject(error);
        },
      };
      const abandon = () => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(signal.reason);
      };
      this.#queue.push(waiter);
      signal.addEventListener("abort", abandon, { once: true });
    });
  }

  /** Gives the first of them what it waits for. */
  serve(value: T): void {
    this.#queue.shift()?.resolve(value);
  }

  /** Tells all of them that they wait in vain. */
  reject(error: Error): void {
    for (const waiter of this.#queue.splice(0)) waiter.reject(error);
  }
}
