import { ProblemError } from "@glovebox/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { methodsOf, type Route } from "./route.ts";

/** Characters of a path that a message tells: it may have thousands. */
const maxPathTold = 200;

/** The pattern of a route's paths. */
function patternOf(url: string): RegExp {
  const parts = url.split("/").map((part) => {
    if (part.startsWith(":")) return "[^/]+";
    return part === "*" ? ".+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("/")}$`);
}

/** The methods that a path has, from a table of routes. */
function methodsByPath(routes: readonly Route[]): (path: string) => readonly string[] {
  const patterns = routes.map((one) => ({ pattern: patternOf(one.url), methods: methodsOf(one) }));
  return (path) => [...new Set(patterns.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))];
}

/**
 * Answers paths and methods that no route serves: `method-not-allowed` with an Allow header when the path
 * is known, `not-found` otherwise. It answers before the body is read.
 */
export function refuseUnknownRoutes(app: FastifyInstance, routes: readonly Route[]): void {
  const methodsOfPath = methodsByPath(routes);

  const refuse = (request: FastifyRequest, reply: FastifyReply): ProblemError => {
    const path = request.url.split("?", 1)[0] ?? "";
    const methods = methodsOfPath(path);
    if (methods.length === 0 || methods.includes(request.method)) {
      return new ProblemError("not-found", `there is nothing at ${JSON.stringify(path.slice(0, maxPathTold))}`);
    }
    const allow = methods.join(", ");
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
