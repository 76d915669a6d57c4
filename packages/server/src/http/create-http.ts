import fastify, { type FastifyInstance } from "fastify";
import type { Engine } from "../engine/index.ts";
import { createBrowserGuard } from "./browser-guard.ts";
import { answerClientError } from "./client-error.ts";
import { discardBody } from "./discard-body.ts";
import { acceptOnlyJson } from "./json-body.ts";
import { isTooLarge, type Log, sendProblem, tooLarge, toProblem } from "./problem-reply.ts";
import { routesOf, serveRoutes } from "./routes.ts";
import { refuseUnknownRoutes } from "./unknown-route.ts";
import { defaultMaxUnreadBytes, defaultStalledAfterMs, destroyWhenStalled, UnreadAnswers } from "./unread-answers.ts";

export interface HttpOptions {
  /** Largest body in bytes. Default 64 MiB. */
  readonly bodyLimitBytes?: number;
  /** Host names, besides loopback names and IP addresses, that requests may name in `Host`. */
  readonly allowedHosts?: readonly string[];
  /** Time without progress of an answer after which its connection is closed, in milliseconds. Default 30 s. */
  readonly stalledAfterMs?: number;
  /** Bytes of unread answers from which on executions are refused. Default 256 MiB. */
  readonly maxUnreadBytes?: number;
  /** Interval of the comments on event streams, in milliseconds. Default 15 s. */
  readonly heartbeatMs?: number;
  readonly version: string;
  readonly log: Log;
}

/** Proxies give up on a silent connection after 30 to 60 s as they come. */
const defaultHeartbeatMs = 15_000;

/** Time for a client to send a whole request, in milliseconds. */
const requestTimeoutMs = 300_000;

/** Makes the HTTP interface of an engine. It listens when the caller says so. */
export function createHttp(engine: Engine, options: HttpOptions): FastifyInstance {
  const { bodyLimitBytes = 64 * 1024 * 1024, allowedHosts = [], version, log } = options;
  const { stalledAfterMs = defaultStalledAfterMs, maxUnreadBytes = defaultMaxUnreadBytes } = options;
  const { heartbeatMs = defaultHeartbeatMs } = options;
  const guard = createBrowserGuard(allowedHosts);
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    // The engine refuses what comes during a shutdown, with a problem like any other.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, toProblem(error, log));
    },
    // A missing Host is refused by the guard, with a problem like any other.
    http: { requireHostHeader: false },
    // An id that is too long is one that does not exist. The limit is that of Node for all headers.
    routerOptions: { maxParamLength: 16_384 },
  });

  app.setErrorHandler(async (error, request, reply) => {
    const problem = toProblem(isTooLarge(error) ? tooLarge(bodyLimitBytes) : error, log);
    if (problem.code === "payload-too-large") await discardBody(request.raw);
    return sendProblem(reply, problem);
  });
  app.addHook("onRequest", (request, reply, next) => {
    destroyWhenStalled(reply.raw, stalledAfterMs);
    reply.raw.setHeader("x-content-type-options", "nosniff");
    reply.raw.setHeader("cache-control", "no-store");
    next(guard(request.headers));
  });
  const routes = routesOf({ engine, heartbeatMs, version, log });
  refuseUnknownRoutes(app, routes);
  acceptOnlyJson(app);
  serveRoutes(app, routes, new UnreadAnswers(maxUnreadBytes));
  return app;
}
