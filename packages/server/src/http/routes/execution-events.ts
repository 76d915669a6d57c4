import { executionEventSchema, ProblemError } from "@glovebox/protocol";
import { beginStream, withFirst, writeEvents } from "../event-stream.ts";
import { type Route, route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { idParams } from "./execution.ts";

/** The number of the last event that a client has; -1 for none. Throws `invalid-request`. */
function lastEventId(header: string | string[] | undefined): number {
  if (header === undefined || header === "") return -1;
  if (typeof header === "string" && /^\d{1,15}$/.test(header)) return Number(header);
  const message = "must be the id of an event, a whole number";
  throw ProblemError.ofFields("invalid-request", [{ field: "Last-Event-ID", message }]);
}

/** `GET /v1/executions/{id}/events`: those that have been and those that come, to the last one. */
export function eventsRoute({ engine, heartbeatMs, log }: RouteContext): Route {
  return route({
    method: "GET",
    url: "/v1/executions/:id/events",
    title: "The events of an execution",
    role: "user",
    large: true,
    stream: true,
    params: idParams,
    answers: [{ status: 200, type: "text/event-stream", schema: executionEventSchema }, { status: 204 }],
    problems: ["not-found", "sandbox-busy"],
    handle: async ({ params: { id }, request, reply }) => {
      const afterSeq = lastEventId(request.headers["last-event-id"]);
      const { status } = await engine.summary(id);
      const events = engine.events(id, afterSeq)[Symbol.asyncIterator]();
      const isOver = status === "finished" || status === "rejected";
      const first = isOver ? await events.next() : undefined;
      // A client that connects again after the last event is told by this status not to do so any more.
      if (first?.done === true) return reply.code(204).send();
      reply.hijack();
      beginStream(reply.raw);
      const all = first === undefined ? events : withFirst(first, events);
      try {
        await writeEvents(all, reply.raw, heartbeatMs);
      } catch (error) {
        log(`the event stream of ${id} broke: ${String(error)}`);
        reply.raw.destroy();
      }
      return reply;
    },
  });
}
