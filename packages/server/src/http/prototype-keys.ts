import { type ProblemError, prototypeKeyPath, refusedKeyProblem } from "@glovebox/protocol";

/** What is wrong with a body that fastify's parser refuses although it is JSON. Undefined when the body is no JSON. */
export function prototypeKeyProblem(text: string, cause: Error): ProblemError | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
  return refusedKeyProblem(prototypeKeyPath(body) ?? [], cause);
}
