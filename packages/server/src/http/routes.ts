import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine/index.ts";
import type { Log } from "./problem-reply.ts";
import { methodsOf, parsePart, type Route } from "./route.ts";
import { artifactRoute } from "./routes/artifact.ts";
import { executeRoute } from "./routes/execute.ts";
import { cancelRoute, deleteRoute, getRoute } from "./routes/execution.ts";
import { eventsRoute } from "./routes/execution-events.ts";
import { listRoute } from "./routes/executions.ts";
import { healthRoute } from "./routes/health.ts";
import { languagesRoute } from "./routes/languages.ts";
import type { UnreadAnswers } from "./unread-answers.ts";

/** What routes need besides the engine. */
export interface RouteContext {
  readonly engine: Engine;
  /** Interval of the comments on event streams, in milliseconds. */
  readonly heartbeatMs: number;
  readonly version: string;
  readonly log: Log;
}

/** All routes of the server. Everything that holds for all of them is derived from this table. */
export function routesOf(context: RouteContext): readonly Route[] {
  return [
    executeRoute(context),
    listRoute(context),
    getRoute(context),
    eventsRoute(context),
    cancelRoute(context),
    deleteRoute(context),
    artifactRoute(context),
    languagesRoute(context),
    healthRoute(context),
  ];
}

/** Serves the routes: parses parameters and query, and counts answers that are not read yet. */
export function serveRoutes(app: FastifyInstance, routes: readonly Route[], unread: UnreadAnswers): void {
  for (const one of routes) {
    app.route({
      method: one.method,
      url: one.url,
      exposeHeadRoute: methodsOf(one).includes("HEAD"),
      onSend: async (_request, reply, payload) => unread.hold(reply, payload),
      handler: (request, reply) => {
        if (one.large === true) unread.refuseWhenFull();
        const params = one.params === undefined ? undefined : parsePart(one.params, request.params);
        const query = one.query === undefined ? undefined : parsePart(one.query, request.query);
        return one.handle({ params, query, body: request.body, request, reply });
      },
    });
  }
}
