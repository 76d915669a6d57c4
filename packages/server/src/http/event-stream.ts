import type { ServerResponse } from "node:http";
import type { Run, RunEvent } from "../engine/ports.ts";
import { EventText } from "./event-text.ts";

/** A run whose first event has arrived: from here on nothing can be a problem any more. */
export interface StartedRun {
  readonly first: RunEvent;
  readonly rest: AsyncIterator<RunEvent>;
}

/** Waits for the first event of a run. Rejects with the problem of a run that never started. */
export async function started(run: Run): Promise<StartedRun> {
  const rest = run.events()[Symbol.asyncIterator]();
  const refused = new Promise<never>((_, reject) => run.result.catch(reject));
  refused.catch(() => {});
  const first = await Promise.race([rest.next(), refused]);
  if (first.done === true) {
    await run.result;
    throw new Error("the run ended without events");
  }
  return { first: first.value, rest };
}

/**
 * Writes a run to the client as server-sent events. Reads the next event only when the socket has taken
 * the last one, so a slow client slows the program. Returns early when the client goes away. A comment every
 * `heartbeatMs` keeps proxies from taking a silent program for a dead connection.
 */
export async function writeEvents(run: StartedRun, response: ServerResponse, heartbeatMs: number): Promise<void> {
  const text = new EventText();
  let event: IteratorResult<RunEvent> = { value: run.first, done: false };
  const heartbeat = setInterval(() => {
    // Writing to a client that takes nothing would make it look alive.
    if (response.writableLength === 0 && !response.destroyed) response.write(": heartbeat\n\n");
  }, heartbeatMs);
  try {
    while (event.done !== true && !response.destroyed) {
      const frames = text.encode(event.value);
      if (frames !== "" && !response.write(frames)) await drained(response);
      event = await run.rest.next();
    }
  } finally {
    clearInterval(heartbeat);
    // A run with a reader waits for it; one that was left runs on by itself to its cancelled end.
    if (event.done !== true) await run.rest.return?.();
  }
  if (!response.destroyed) response.end();
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
