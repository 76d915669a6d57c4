import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine/engine.ts";

/** `GET /v1/languages`: what can run here, and what could. */
export function languageRoute(app: FastifyInstance, engine: Engine): void {
  app.get("/v1/languages", async () => ({ languages: await engine.languages() }));
}
