import type { Writable } from "node:stream";

/**
 * Writes to a stream of this process as fast as its reader takes it. When the reader has gone (EPIPE) it
 * says so once and swallows the rest; so it does for any other failure, which it keeps.
 */
export class Sink {
  readonly #stream: Writable;
  #gone = false;
  #failure: Error | undefined;
  #inLine = false;

  constructor(stream: Writable, onGone: () => void) {
    this.#stream = stream;
    stream.on("error", (error: Error & { code?: string }) => {
      if (this.#gone) return;
      this.#gone = true;
      if (error.code !== "EPIPE") this.#failure = error;
      onGone();
    });
  }

  /** Why writing is not possible, when the cause is not a reader that went away. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Whether the last line that was written has no end. */
  get inLine(): boolean {
    return this.#inLine;
  }

  async write(data: Uint8Array | string): Promise<void> {
    if (data.length > 0) this.#inLine = data.at(-1) !== (typeof data === "string" ? "\n" : 0x0a);
    if (this.#gone || this.#stream.write(data)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        for (const event of ["drain", "error", "close"]) this.#stream.off(event, done);
        resolve();
      };
      for (const event of ["drain", "error", "close"]) this.#stream.on(event, done);
    });
  }
}
