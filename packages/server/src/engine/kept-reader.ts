import { executionSchema } from "@glovebox/protocol";
import { type KeptEvents, type LoggedEvent, withoutOutput } from "./events.ts";
import type { ExecutionStore } from "./ports.ts";

/** The events of an execution that is over, out of the store. Nothing when it is gone meanwhile. */
export async function* keptEvents(store: ExecutionStore, id: string, afterSeq: number): AsyncGenerator<LoggedEvent> {
  const kept = await store.events(id);
  if (kept === undefined || afterSeq >= kept.lastSeq) return;
  yield* ofWindow(kept, afterSeq);
  const json = await store.json(id);
  if (json === undefined) return;
  const execution = executionSchema.parse(JSON.parse(Buffer.from(json).toString()));
  if (execution.status === "rejected") {
    yield { seq: kept.lastSeq, event: { type: "rejected", problem: execution.problem } };
  } else if (execution.status === "finished") {
    yield { seq: kept.lastSeq, event: { type: "finished", execution: withoutOutput(execution, kept.binary) } };
  }
}

function* ofWindow({ events, lastSeq }: KeptEvents, afterSeq: number): Generator<LoggedEvent> {
  const first = events[0]?.seq ?? lastSeq;
  if (afterSeq + 1 < first) yield { seq: first - 1, event: { type: "cut", from: afterSeq + 1 } };
  // An object of its own for each reader: what is memoised of it goes with it.
  for (const { seq, event } of events) if (seq > afterSeq) yield { seq, event };
}
