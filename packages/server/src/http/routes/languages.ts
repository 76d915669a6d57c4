import { languageSchema } from "@glovebox/protocol";
import { z } from "zod";
import { type Route, route } from "../route.ts";
import type { RouteContext } from "../routes.ts";

const query = z.strictObject({
  packages: z.enum(["true", "false"], "must be true or false").default("false"),
  language: z.union([z.string().transform((name) => [name]), z.array(z.string())]).optional(),
});

/** `GET /v1/languages`: what can run here, and what could; with `packages=true` also what programs can load. */
export function languagesRoute({ engine }: RouteContext): Route {
  return route({
    method: "GET",
    url: "/v1/languages",
    title: "The languages of the server",
    role: "user",
    query,
    answers: [
      { status: 200, type: "application/json", schema: z.strictObject({ languages: z.array(languageSchema) }) },
    ],
    problems: ["unknown-language"],
    handle: async ({ query: { packages, language } }) => ({
      languages: await engine.languages({
        packages: packages === "true",
        ...(language === undefined ? {} : { names: language }),
      }),
    }),
  });
}
