import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../engine/ports.ts";
import { wantsEventStream } from "./accept.ts";
import { started, writeEvents } from "./event-stream.ts";
import type { Log } from "./problem-reply.ts";

/** `POST /v1/executions`: runs one program and answers with its record, or with its events. */
export function executionRoutes(app: FastifyInstance, engine: Engine, log: Log): void {
  app.post("/v1/executions", async (request, reply) => {
    if (wantsEventStream(request.headers.accept)) return stream(engine, request, reply, log);
    const run = engine.execute(request.body);
    cancelWhenGone(run, reply);
    return run.result;
  });
}

async function stream(engine: Engine, request: FastifyRequest, reply: FastifyReply, log: Log): Promise<FastifyReply> {
  const run = engine.execute(request.body, { collectOutput: false });
  cancelWhenGone(run, reply);
  const events = await started(run);
  reply.hijack();
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "x-accel-buffering": "no",
  });
  try {
    await writeEvents(events, reply.raw);
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
  if (raw.destroyed) cancel();
  else raw.once("close", cancel);
}
