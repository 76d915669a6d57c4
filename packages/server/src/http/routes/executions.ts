import { executionPageSchema, outcomeSchema } from "@glovebox/protocol";
import { z } from "zod";
import { definedOnly } from "../../defined.ts";
import { type Route, route } from "../route.ts";
import type { RouteContext } from "../routes.ts";

const statuses = ["queued", "running", "finished", "rejected"] as const;
const outcomes = outcomeSchema.options.map(({ shape }) => shape.kind.value);
const limitRule = "must be a whole number from 1 to 500";
/** A parameter that comes twice is a list, which none of them may be. */
const once = { error: "must be given once, as text" };

const query = z.strictObject({
  language: z.string(once).optional(),
  status: z.enum(statuses, `must be one of ${statuses.join(", ")}`).optional(),
  outcome: z.enum(outcomes, `must be one of ${outcomes.join(", ")}`).optional(),
  limit: z
    .string(once)
    .regex(/^\d{1,15}$/, limitRule)
    .transform(Number)
    .pipe(z.int().min(1, limitRule).max(500, limitRule))
    .optional(),
  cursor: z.string(once).optional(),
});

/** `GET /v1/executions`: a page of those that are kept, the newest first. */
export function listRoute({ engine }: RouteContext): Route {
  return route({
    method: "GET",
    url: "/v1/executions",
    title: "Lists executions",
    role: "user",
    large: true,
    query,
    answers: [{ status: 200, type: "application/json", schema: executionPageSchema }],
    problems: ["sandbox-busy"],
    handle: ({ query: filter }) => engine.list(definedOnly(filter)),
  });
}
