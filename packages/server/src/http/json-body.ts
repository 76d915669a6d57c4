import { ProblemError } from "@glovebox/protocol";
import type { FastifyInstance } from "fastify";
import { prototypeKeyProblem } from "./prototype-keys.ts";

/**
 * Reads bodies as JSON in strict UTF-8 and nothing else. Keys that would replace a prototype are refused
 * by fastify's own parser.
 */
export function acceptOnlyJson(app: FastifyInstance): void {
  const parseText = app.getDefaultJsonParser("error", "error");
  const decoder = new TextDecoder("utf-8", { fatal: true });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    let text: string;
    try {
      text = decoder.decode(body);
    } catch (cause) {
      done(new ProblemError("invalid-json", "the body is not UTF-8", { cause }));
      return;
    }
    if (text.trim() === "") {
      done(new ProblemError("invalid-json", "the body is empty"));
      return;
    }
    parseText(request, text, (error, value) => {
      if (error === null) done(null, value);
      else done(prototypeKeyProblem(text, error) ?? new ProblemError("invalid-json", error.message, { cause: error }));
    });
  });
}
