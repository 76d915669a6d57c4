import { type ProblemError, prototypeKeyPath, prototypeKeyProblem } from "@glovebox/protocol";

/** What is wrong with a body that fastify's parser refuses although it is JSON. Undefined when the body is no JSON. */
export function problemOfRefusedJson(text: string, cause: Error): ProblemError | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
  return prototypeKeyProblem(prototypeKeyPath(body) ?? [], cause);
}
