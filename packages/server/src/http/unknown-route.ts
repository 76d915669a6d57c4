import { ProblemError } from "@glovebox/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/**
 * Answers paths and methods that no route serves: `method-not-allowed` with an Allow header when the path
 * is known, `not-found` otherwise. It answers before the body is read. Call it before adding routes.
 */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  app.addHook("onRoute", (route) => {
    const known = methods.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) known.add(method);
    methods.set(route.url, known);
  });

  const refuse = (request: FastifyRequest, reply: FastifyReply): ProblemError => {
    const path = request.url.split("?", 1)[0] ?? "";
    const allowed = methods.get(path);
    if (allowed === undefined) return new ProblemError("not-found", `there is nothing at ${JSON.stringify(path)}`);
    const allow = [...allowed].join(", ");
    reply.header("allow", allow);
    return new ProblemError("method-not-allowed", `${request.method} is not possible here, only ${allow}`);
  };

  app.addHook("onRequest", (request, reply, next) => {
    if (request.is404) next(refuse(request, reply));
    else next();
  });
  app.setNotFoundHandler((request, reply) => {
    throw refuse(request, reply);
  });
}
