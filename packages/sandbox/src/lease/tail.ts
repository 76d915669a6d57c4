/**
 * The last bytes of a stream. They lie at the end of one buffer, which is cleared of older ones when it is full, so that
 * a byte costs the same however the stream is cut.
 */
export class Tail {
  readonly #limit: number;
  #buffer = Buffer.alloc(0);
  #end = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(data: Buffer): void {
    const kept = data.subarray(Math.max(0, data.length - this.#limit));
    if (this.#end + kept.length > this.#buffer.length) this.#makeRoom(kept.length);
    this.#buffer.set(kept, this.#end);
    this.#end += kept.length;
  }

  /** Leaves room for so many bytes behind those that are still wanted with them. */
  #makeRoom(count: number): void {
    const wanted = this.#buffer.subarray(Math.max(0, this.#end - (this.#limit - count)), this.#end);
    const size = Math.min(2 * (wanted.length + count), 2 * this.#limit);
    const target = size > this.#buffer.length ? Buffer.allocUnsafeSlow(size) : this.#buffer;
    target.set(wanted); // which copes with an overlap
    this.#buffer = target;
    this.#end = wanted.length;
  }

  text(): string {
    return this.#buffer.subarray(Math.max(0, this.#end - this.#limit), this.#end).toString("utf8");
  }
}
