/**
 * How many sandboxes to keep parked. The target doubles, up to the maximum, when a request finds none, and
 * falls by one for each quiet interval in which the stock was never used up, down to the minimum.
 */
export class Demand {
  readonly #min: number;
  readonly #max: number;
  #target: number;
  #lowest: number;

  constructor(min: number, max: number) {
    this.#min = min;
    this.#max = max;
    this.#target = min;
    this.#lowest = min;
  }

  get target(): number {
    return this.#target;
  }

  /** A request came and found none parked. */
  missed(): void {
    this.#lowest = 0;
    this.#target = Math.min(this.#max, Math.max(1, this.#target * 2));
  }

  /** A request took one and left `remaining` parked. */
  took(remaining: number): void {
    this.#lowest = Math.min(this.#lowest, remaining);
  }

  /** An interval is over: lowers the target when some of the stock was never touched. */
  rest(): void {
    if (this.#lowest > 0) this.#target = Math.max(this.#min, this.#target - 1);
    this.#lowest = this.#target;
  }
}
