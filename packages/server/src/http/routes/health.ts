import { isolationSchema } from "@glovebox/protocol";
import { z } from "zod";
import { type Route, route } from "../route.ts";
import type { RouteContext } from "../routes.ts";

const healthSchema = z.strictObject({
  status: z.enum(["ok", "closing"]),
  version: z.string(),
  isolation: isolationSchema,
  sandboxes: z.strictObject({ parked: z.int(), running: z.int(), waiting: z.int(), started: z.int() }),
});

/** `GET /healthz`: 200 while executions are taken, 503 from the start of the shutdown on. */
export function healthRoute({ engine, version }: RouteContext): Route {
  return route({
    method: "GET",
    url: "/healthz",
    title: "Whether the server takes executions",
    role: "everyone",
    answers: [200, 503].map((status) => ({ status, type: "application/json", schema: healthSchema }) as const),
    problems: [],
    handle: ({ reply }) => {
      const status = engine.closing ? "closing" : "ok";
      return reply
        .code(engine.closing ? 503 : 200)
        .send({ status, version, isolation: engine.isolation, sandboxes: engine.stats() });
    },
  });
}
