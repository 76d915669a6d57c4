import type { EventEmitter } from "node:events";
import { statusOfSignal } from "./exit-status.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Counts the signals that ask this process to end: the first one stops gently, the second one hard, the
 * third one ends the process without clean-up.
 */
export class Interrupts {
  readonly #source: EventEmitter;
  readonly #listeners = new Map<string, () => void>();
  #count = 0;
  #stop: (hard: boolean) => void = () => {};
  /** Exit status for the first signal; undefined as long as there was none. */
  status: number | undefined;

  constructor(source: EventEmitter) {
    this.#source = source;
    for (const signal of signals) {
      const listener = () => this.#onSignal(signal);
      this.#listeners.set(signal, listener);
      source.on(signal, listener);
    }
  }

  /** What a signal does from now on; at once when there was one already. */
  onStop(stop: (hard: boolean) => void): void {
    this.#stop = stop;
    if (this.#count > 0) stop(this.#count > 1);
  }

  /** What the work comes to; undefined when a signal came first. */
  unlessStopped<T>(work: Promise<T>): Promise<T | undefined> {
    const stopped = new Promise<undefined>((resolve) => this.onStop(() => resolve(undefined)));
    return Promise.race([work, stopped]);
  }

  release(): void {
    for (const [signal, listener] of this.#listeners) this.#source.off(signal, listener);
  }

  #onSignal(signal: (typeof signals)[number]): void {
    this.status ??= statusOfSignal(signal);
    this.#count++;
    if (this.#count > 2) process.exit(this.status);
    this.#stop(this.#count > 1);
  }
}
