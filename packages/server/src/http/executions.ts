import { ProblemError } from "@glovebox/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../engine/ports.ts";
import { wantsEventStream } from "./accept.ts";
import { started, writeEvents } from "./event-stream.ts";
import type { Log } from "./problem-reply.ts";
import type { UnreadAnswers } from "./unread-answers.ts";

/** How `POST /v1/executions` answers. */
export interface ExecutionAnswers {
  readonly unread: UnreadAnswers;
  /** Interval of the comments on event streams, in milliseconds. */
  readonly heartbeatMs: number;
  readonly log: Log;
}

/** `POST /v1/executions`: runs one program and answers with its record, or with its events. */
export function executionRoutes(app: FastifyInstance, engine: Engine, answers: ExecutionAnswers): void {
  const { unread } = answers;
  app.route({
    method: "POST",
    url: "/v1/executions",
    onSend: async (_request, reply, payload) => (typeof payload === "string" ? unread.hold(reply, payload) : payload),
    handler: async (request, reply) => {
      refusePipelined(reply);
      unread.refuseWhenFull();
      if (wantsEventStream(request.headers.accept)) return stream(engine, request, reply, answers);
      const run = engine.execute(request.body);
      cancelWhenGone(run, reply);
      return run.result;
    },
  });
}

/** An answer that waits behind another has no connection yet, and does not learn that its client has gone. */
function refusePipelined(reply: FastifyReply): void {
  if (reply.raw.socket !== null || reply.raw.destroyed) return;
  throw new ProblemError("invalid-request", "an execution cannot be sent on a connection that waits for an answer");
}

async function stream(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  { heartbeatMs, log }: ExecutionAnswers,
): Promise<FastifyReply> {
  const run = engine.execute(request.body, { collectOutput: false });
  cancelWhenGone(run, reply);
  const events = await started(run);
  reply.hijack();
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "x-accel-buffering": "no",
  });
  try {
    await writeEvents(events, reply.raw, heartbeatMs);
  } catch (error) {
    log(`the event stream of ${run.id} broke: ${String(error)}`);
    reply.raw.destroy();
  }
  return reply;
}

/** A client that leaves before its answer is complete has no more use for the run. */
function cancelWhenGone(run: Run, reply: FastifyReply): void {
  const { raw } = reply;
  const cancel = () => {
    if (!raw.writableFinished) run.cancel();
  };
  if (raw.destroyed) {
    cancel();
    return;
  }
  raw.once("close", cancel);
  // The run holds all its output, which an answer that is read slowly need not keep a second time.
  const forget = () => raw.off("close", cancel);
  run.result.then(forget, forget);
}
