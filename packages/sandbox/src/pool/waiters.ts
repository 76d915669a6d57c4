interface Waiter<T, About> {
  readonly about: About;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait for something, in their order, each with what tells it from the others. */
export class Waiters<T, About = undefined> {
  #queue: Waiter<T, About>[] = [];

  get length(): number {
    return this.#queue.length;
  }

  /** Resolves when it is this one's turn; rejects with the reason of `signal` when that aborts first. */
  wait(signal: AbortSignal, about: About): Promise<T> {
    return new Promise((resolve, reject) => {
      // A signal may outlive the wait by far, and with a listener on it everything that the wait was for.
      const over = () => signal.removeEventListener("abort", abandon);
      const waiter: Waiter<T, About> = {
        about,
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

  /** Serves the first for whom `give` has something, and says whether there was one. */
  serve(give: (about: About) => T | undefined): boolean {
    for (const [index, waiter] of this.#queue.entries()) {
      const value = give(waiter.about);
      if (value === undefined) continue;
      this.#queue.splice(index, 1);
      waiter.resolve(value);
      return true;
    }
    return false;
  }

  /** Tells all of them that they wait in vain. */
  reject(error: Error): void {
    for (const waiter of this.#queue.splice(0)) waiter.reject(error);
  }
}
