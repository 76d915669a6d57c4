import { ProblemError } from "@glovebox/protocol";

/** Bytes of requests that wait for a sandbox without a limit of time. */
export const defaultMaxWaitingBytes = 128 * 1024 * 1024;
/** What a request takes besides its text, about. */
const overhead = 4 * 1024;

/** Bounds what waits. One request is always taken when there is no other, however large it is. */
export class WaitingRequests {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes a request, and returns what gives its bytes back. Throws `sandbox-busy` when there are too many. */
  take(requestBytes: number): () => void {
    const bytes = requestBytes + overhead;
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) {
      throw new ProblemError("sandbox-busy", "too many executions wait for a sandbox already");
    }
    this.#bytes += bytes;
    let taken = true;
    return () => {
      if (taken) this.#bytes -= bytes;
      taken = false;
    };
  }
}
