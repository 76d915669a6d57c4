import type { Writable } from "node:stream";

/** Whether the last line that was written has no end. */
export interface Line {
  open: boolean;
}

/** Whether what is written to two streams stands on one screen. */
export function shareTerminal(one: Writable, other: Writable): boolean {
  return [one, other].every((stream) => "isTTY" in stream && stream.isTTY === true);
}

/**
 * Writes to a stream of this process as fast as its reader takes it. When the reader has gone (EPIPE) it
 * says so once and swallows the rest; so it does for any other failure, which it keeps.
 */
export class Sink {
  readonly #stream: Writable;
  #gone = false;
  #failure: Error | undefined;
  readonly #line: Line;

  /** `line` is the other sink's where both write to one terminal. */
  constructor(stream: Writable, onGone: () => void, line: Line = { open: false }) {
    this.#stream = stream;
    this.#line = line;
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
    return this.#line.open;
  }

  async write(data: Uint8Array | string): Promise<void> {
    if (data.length > 0) this.#line.open = data.at(-1) !== (typeof data === "string" ? "\n" : 0x0a);
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
