import type { ServerResponse } from "node:http";
import type { LoggedEvent } from "../engine/index.ts";
import { frameOf } from "./event-frames.ts";

/** Begins the answer of a stream. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" });
  response.flushHeaders();
}

/**
 * Writes events to the client as server-sent events, to the last one or until the client goes away. Reads the next one
 * only when the socket has taken the last one, so a client that is slow is a slow reader. A comment every `heartbeatMs`
 * keeps proxies from taking a silent program for a dead connection.
 */
export async function writeEvents(
  events: AsyncIterator<LoggedEvent>,
  response: ServerResponse,
  heartbeatMs: number,
): Promise<void> {
  // A reader that waits for an event must not wait on when nobody is there to get it.
  const leave = () => void events.return?.();
  response.once("close", leave);
  const heartbeat = setInterval(() => {
    // Writing to a client that takes nothing would make it look alive.
    if (response.writableLength === 0 && !response.destroyed) response.write(": heartbeat\n\n");
  }, heartbeatMs);
  try {
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      if (response.destroyed) break;
      if (!response.write(frameOf(next.value))) await drained(response);
    }
  } finally {
    clearInterval(heartbeat);
    response.off("close", leave);
    leave();
  }
  if (!response.destroyed) response.end();
}

/** An iterator of which the first result was taken already. */
export function withFirst<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncIterator<T> {
  let taken: IteratorResult<T> | undefined = first;
  return {
    next: async () => {
      const result = taken ?? (await rest.next());
      taken = undefined;
      return result;
    },
    return: async () => (await rest.return?.()) ?? { value: undefined, done: true },
  };
}

/** Resolves when the client has taken what was written, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) {
      resolve();
      return;
    }
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
