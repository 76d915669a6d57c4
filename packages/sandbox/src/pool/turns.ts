import { Waiters } from "./waiters.ts";

/*
 * Turns, the right to compute: so many at a time, and who comes later waits in order.
 *
 * A turn is `fetching` until its holder has a sandbox. Of all turns one language may have half that are fetching: many
 * runs of one that is slow to start keep no other from going on. Who waits for that reason alone is passed by those of
 * other languages, and by nobody of its own.
 *
 * Nobody waits who could have a turn: each change of the counts serves who fits. A turn is not a sandbox: who holds one
 * idly gives its turn back and takes another when it has something to compute.
 */

export interface Turn {
  /** The holder has its sandbox. Idempotent. */
  fetched(): void;
  /** Gives the turn back. Idempotent. */
  give(): void;
}

export class Turns {
  readonly #places: number;
  readonly #waiters = new Waiters<Turn, string | undefined>();
  readonly #fetching = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #inUse = 0;

  constructor(places: number) {
    this.#places = places;
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /**
   * A turn for one who needs a sandbox of `language`, or who has one. Rejects with the reason of `signal` when that
   * aborts first.
   */
  async take(signal: AbortSignal, language?: string): Promise<Turn> {
    signal.throwIfAborted();
    return this.#begin(language) ?? this.#waiters.wait(signal, language);
  }

  /** `listener` is called each time that the last turn was given back and nobody waited for it. Returns what ends that. */
  onQuiet(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A turn, if there is a place for one. */
  #begin(language: string | undefined): Turn | undefined {
    if (this.#inUse >= this.#places) return undefined;
    if (language !== undefined) {
      const fetching = this.#fetching.get(language) ?? 0;
      if (fetching >= Math.ceil(this.#places / 2)) return undefined;
      this.#fetching.set(language, fetching + 1);
    }
    this.#inUse += 1;
    let left: "fetching" | "computing" | undefined = language === undefined ? "computing" : "fetching";
    const leaveTo = (next: "computing" | undefined) => {
      if (left === undefined || left === next) return;
      if (left === "fetching" && language !== undefined) this.#fetched(language);
      if (next === undefined) this.#inUse -= 1;
      left = next;
      this.#waiters.serve((other) => this.#begin(other)); // one change makes room for one
      if (this.#inUse === 0) for (const listener of this.#listeners) listener();
    };
    return { fetched: () => leaveTo("computing"), give: () => leaveTo(undefined) };
  }

  #fetched(language: string): void {
    const left = (this.#fetching.get(language) ?? 1) - 1;
    if (left > 0) this.#fetching.set(language, left);
    else this.#fetching.delete(language);
  }
}
