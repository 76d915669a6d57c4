import { executionRequestSchema, executionSchema, finishedExecutionSchema, ProblemError } from "@glovebox/protocol";
import type { FastifyReply } from "fastify";
import { type Accepted, executionBytes } from "../../engine/index.ts";
import { wantsEventStream } from "../accept.ts";
import { beginStream, withFirst, writeEvents } from "../event-stream.ts";
import { bodyBytes } from "../json-body.ts";
import { prefersAsync } from "../prefer.ts";
import { toProblem } from "../problem-reply.ts";
import { type Call, type Route, route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { jsonType } from "../send-json.ts";

const json = "application/json";

/** `POST /v1/executions`: runs one program and answers with its record, with its events, or at once. */
export function executeRoute(context: RouteContext): Route {
  const { engine } = context;
  return route({
    method: "POST",
    url: "/v1/executions",
    title: "Runs one program",
    role: "user",
    large: true,
    body: { schema: executionRequestSchema, required: true },
    answers: [
      { status: 200, type: json, schema: finishedExecutionSchema },
      { status: 200, type: "text/event-stream" },
      { status: 202, type: json, schema: executionSchema },
    ],
    problems: [
      ...(["invalid-json", "unsupported-media-type", "payload-too-large", "unknown-language"] as const),
      ...(["limit-over-ceiling", "language-unavailable", "sandbox-busy", "sandbox-unavailable", "closed"] as const),
    ],
    handle: async (call) => {
      const { request, reply, body } = call;
      refusePipelined(reply);
      if (prefersAsync(request.headers.prefer)) return respondAsync(context, call);
      const signal = signalOfGone(reply);
      const accepted = await engine.accept(body);
      if (wantsEventStream(request.headers.accept)) return stream(context, accepted, signal, reply);
      return reply.type(jsonType).send(executionBytes(await engine.perform(accepted.id, { signal })));
    },
  });
}

/** An answer that waits behind another has no connection yet, and does not learn that its client has gone. */
function refusePipelined(reply: FastifyReply): void {
  if (reply.raw.socket !== null || reply.raw.destroyed) return;
  throw new ProblemError("invalid-request", "an execution cannot be sent on a connection that waits for an answer");
}

/** Aborts when the client leaves before its answer is complete: it has no more use for the run. */
function signalOfGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  else {
    raw.once("close", () => {
      if (!raw.writableFinished) gone.abort();
    });
  }
  return gone.signal;
}

/** Answers with the queued execution; it waits for its turn as long as that takes, whether or not its client stays. */
async function respondAsync({ engine, log }: RouteContext, { request, reply, body }: Call): Promise<FastifyReply> {
  const { id, execution } = await engine.accept(body, { waitingBytes: bodyBytes(request) });
  engine.perform(id, { waitMs: Number.POSITIVE_INFINITY }).catch((error: unknown) => toProblem(error, log));
  return reply
    .code(202)
    .header("location", `/v1/executions/${id}`)
    .header("preference-applied", "respond-async")
    .type(jsonType)
    .send(executionBytes(execution));
}

/** Answers with the events. A run that does not start is a plain problem with its status. */
async function stream(
  { engine, heartbeatMs, log }: RouteContext,
  { id }: Accepted,
  signal: AbortSignal,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const events = engine.events(id)[Symbol.asyncIterator]();
  const performed = engine.perform(id, { signal });
  performed.catch(() => {});
  const first = await events.next();
  if (first.done === true || first.value.event.type === "rejected") await performed;
  reply.hijack();
  beginStream(reply.raw);
  try {
    await writeEvents(withFirst(first, events), reply.raw, heartbeatMs);
  } catch (error) {
    log(`the event stream of ${id} broke: ${String(error)}`);
    reply.raw.destroy();
  }
  return reply;
}
