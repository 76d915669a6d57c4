import type { ServerResponse } from "node:http";
import { ProblemError } from "@glovebox/protocol";
import type { FastifyReply } from "fastify";

/** Time without progress of an answer after which its client is taken for gone, in milliseconds. */
export const defaultStalledAfterMs = 30_000;
/** Bytes of answers, not yet taken by their clients, from which on no program is started. */
export const defaultMaxUnreadBytes = 256 * 1024 * 1024;

/**
 * Closes the connection of an answer that waits for its client and gets no further. The timer of the socket starts
 * anew with each write, and with each look at a write of which a part was taken meanwhile: an answer that is read
 * slowly goes on, and so does a connection on which nothing is to be written yet.
 */
export function destroyWhenStalled(response: ServerResponse, afterMs: number): void {
  response.setTimeout(afterMs, () => {
    if (response.writableLength > 0) response.destroy();
  });
}

/**
 * The sum of what clients have not taken of their answers. A place in the pool is free long before it is read. Memory
 * that several answers share, because they are the same record, is counted once.
 */
export class UnreadAnswers {
  readonly #maxBytes: number;
  /** How many answers hold a piece of memory. */
  readonly #holders = new Map<ArrayBufferLike, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Throws `sandbox-busy` while the server holds too much for one more answer. */
  refuseWhenFull(): void {
    if (this.#bytes < this.#maxBytes) return;
    throw new ProblemError("sandbox-busy", "the server holds too many answers that were not read yet");
  }

  /**
   * Counts an answer until its client has taken it or has gone. Returns what is to be sent: text as bytes, which cost
   * what they say.
   */
  hold<Payload>({ raw }: FastifyReply, answer: Payload): Payload | Buffer {
    const body = typeof answer === "string" ? Buffer.from(answer) : answer;
    if (!raw.destroyed && body instanceof Uint8Array) {
      const { buffer } = body;
      this.#count(buffer, 1);
      raw.once("close", () => this.#count(buffer, -1));
    }
    return body;
  }

  #count(memory: ArrayBufferLike, more: 1 | -1): void {
    const before = this.#holders.get(memory) ?? 0;
    const after = before + more;
    if (before === 0) this.#bytes += memory.byteLength;
    if (after === 0) {
      this.#bytes -= memory.byteLength;
      this.#holders.delete(memory);
    } else this.#holders.set(memory, after);
  }
}
