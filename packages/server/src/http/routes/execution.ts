import { executionSchema } from "@glovebox/protocol";
import { z } from "zod";
import { parsePart, type Route, route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { jsonType } from "../send-json.ts";

export const idParams = z.strictObject({ id: z.string() });

const graceRule = "must be a whole number of milliseconds from 0 to 600000";
const cancelSchema = z.strictObject({
  /** Time between the signal that asks the program to end and the one that ends it. */
  graceMs: z.int(graceRule).min(0, graceRule).max(600_000, graceRule).optional(),
});

/** `GET /v1/executions/{id}`: the execution as it is now. */
export function getRoute({ engine }: RouteContext): Route {
  return route({
    method: "GET",
    url: "/v1/executions/:id",
    title: "One execution",
    role: "user",
    large: true,
    params: idParams,
    answers: [{ status: 200, type: "application/json", schema: executionSchema }],
    problems: ["not-found", "sandbox-busy"],
    handle: async ({ params: { id }, reply }) => reply.type(jsonType).send(await engine.json(id)),
  });
}

/** `POST /v1/executions/{id}/cancel`: asks one that is not over to end. */
export function cancelRoute({ engine }: RouteContext): Route {
  return route({
    method: "POST",
    url: "/v1/executions/:id/cancel",
    title: "Cancels an execution",
    role: "user",
    large: true,
    params: idParams,
    body: { schema: cancelSchema, required: false },
    answers: [{ status: 202, type: "application/json", schema: executionSchema }],
    problems: [
      ...(["not-found", "sandbox-busy", "invalid-json", "unsupported-media-type", "payload-too-large"] as const),
    ],
    handle: async ({ params: { id }, body, reply }) => {
      const { graceMs } = parsePart(cancelSchema, body ?? {});
      const { status } = await engine.summary(id);
      if (status === "queued" || status === "running") {
        await engine.cancel(id, graceMs === undefined ? {} : { graceMs });
      }
      return reply
        .code(202)
        .type(jsonType)
        .send(await engine.json(id));
    },
  });
}

/** `DELETE /v1/executions/{id}`: forgets one that is over, with its events and artifacts. */
export function deleteRoute({ engine }: RouteContext): Route {
  return route({
    method: "DELETE",
    url: "/v1/executions/:id",
    title: "Deletes an execution",
    role: "user",
    params: idParams,
    answers: [{ status: 204 }],
    problems: ["not-found", "execution-running"],
    handle: async ({ params: { id }, reply }) => {
      await engine.remove(id);
      return reply.code(204).send();
    },
  });
}
