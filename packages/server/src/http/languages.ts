import { type LanguageQuery, problemOf } from "@glovebox/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Engine } from "../engine/engine.ts";

const querySchema = z.strictObject({
  packages: z.enum(["true", "false"], "must be true or false").default("false"),
  language: z.union([z.string().transform((name) => [name]), z.array(z.string())]).optional(),
});

function parseQuery(query: unknown): LanguageQuery {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) throw problemOf(parsed.error);
  const { packages, language } = parsed.data;
  return { packages: packages === "true", ...(language === undefined ? {} : { names: language }) };
}

/** `GET /v1/languages`: what can run here, and what could; with `packages=true` also what programs can load. */
export function languageRoute(app: FastifyInstance, engine: Engine): void {
  app.get("/v1/languages", async ({ query }) => ({ languages: await engine.languages(parseQuery(query)) }));
}
