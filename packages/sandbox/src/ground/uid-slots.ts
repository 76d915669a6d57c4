/** The user ids that programs run as, each used by one sandbox at a time. A shared id is never used up. */
export class UidSlots {
  readonly #free: number[];
  readonly #shared: number | undefined;

  constructor(ids: readonly number[], shared: boolean) {
    this.#free = shared ? [] : [...ids].reverse();
    this.#shared = shared ? ids[0] : undefined;
  }

  /** A free id, or undefined when all are in use. */
  take(): number | undefined {
    return this.#shared ?? this.#free.pop();
  }

  give(id: number): void {
    if (this.#shared === undefined) this.#free.push(id);
  }
}
