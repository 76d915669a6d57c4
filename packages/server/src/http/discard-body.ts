import type { IncomingMessage } from "node:http";

/**
 * Reads a refused body to its end and drops it; resolves when it is over or its client has gone. An answer that is
 * sent before closes the connection under a client that still writes, which then sees a broken pipe in place of
 * the answer. The time for the whole request bounds how long this takes.
 */
export function discardBody(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) {
      resolve();
      return;
    }
    request.once("end", resolve);
    request.once("close", resolve);
    request.resume();
  });
}
