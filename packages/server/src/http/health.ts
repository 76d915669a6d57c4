import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine/engine.ts";

/** `GET /healthz`: 200 while executions are taken, 503 from the start of the shutdown on. */
export function healthRoute(app: FastifyInstance, engine: Engine, version: string): void {
  app.get("/healthz", (_request, reply) => {
    const status = engine.closing ? "closing" : "ok";
    reply
      .code(engine.closing ? 503 : 200)
      .send({ status, version, isolation: engine.isolation, sandboxes: engine.stats() });
  });
}
