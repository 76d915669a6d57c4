/** The last bytes of a stream. */
export class Tail {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(data: Buffer): void {
    // A copy: the chunk is a view of a larger buffer that would stay alive with it.
    const kept = Buffer.from(data.subarray(Math.max(0, data.length - this.#limit)));
    this.#chunks.push(kept);
    this.#bytes += kept.length;
    while (this.#chunks.length > 1 && this.#bytes - (this.#chunks[0]?.length ?? 0) >= this.#limit) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  }

  text(): string {
    const all = Buffer.concat(this.#chunks);
    return all.subarray(Math.max(0, all.length - this.#limit)).toString("utf8");
  }
}
