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

/** The sum of what clients have not taken of their answers. A place in the pool is free long before it is read. */
export class UnreadAnswers {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Throws `sandbox-busy` while the server holds too much for one more answer. */
  refuseWhenFull(): void {
    if (this.#bytes < this.#maxBytes) return;
    throw new ProblemError("sandbox-busy", "the server holds too many answers that were not read yet");
  }

  /** Counts an answer until its client has taken it or has gone. Returns what is to be sent: bytes cost what they say. */
  hold(reply: FastifyReply, answer: string): Buffer {
    const body = Buffer.from(answer);
    const { raw } = reply;
    if (!raw.destroyed) {
      this.#bytes += body.length;
      raw.once("close", () => {
        this.#bytes -= body.length;
      });
    }
    return body;
  }
}
