const smallestBlock = 1024;
const largestBlock = 1024 * 1024;

/**
 * Bytes put together from pieces of any size. They are copied, into blocks that grow with what has come: a buffer of
 * its own for each piece would cost a hundred times as much as the single bytes that a program may write.
 */
export class Collected {
  readonly #blocks: Buffer[] = [];
  /** Free bytes at the end of the last block. */
  #free = 0;
  #bytes = 0;

  push(data: Uint8Array): void {
    for (let rest = data; rest.byteLength > 0; ) {
      if (this.#free === 0) {
        this.#free = Math.min(Math.max(this.#bytes, smallestBlock), largestBlock);
        this.#blocks.push(Buffer.allocUnsafeSlow(this.#free));
      }
      const block = this.#blocks.at(-1);
      const count = Math.min(rest.byteLength, this.#free);
      block?.set(rest.subarray(0, count), block.length - this.#free);
      this.#free -= count;
      this.#bytes += count;
      rest = rest.subarray(count);
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#blocks, this.#bytes);
  }
}
