import { fieldPath, maxJsonDepth, ProblemError } from "@glovebox/protocol";

/**
 * What is wrong with a body that fastify's parser refuses although it is JSON: it has a key by which an object that is
 * copied without thought gets another prototype. Undefined when the body is no JSON.
 */
export function prototypeKeyProblem(text: string, cause: Error): ProblemError | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
  const path = prototypeKeyPath(body, maxJsonDepth) ?? [];
  const key = path.at(-1) === "prototype" ? "constructor.prototype" : "__proto__";
  const field = fieldPath(path);
  const message = `the key ${JSON.stringify(key)} is refused, because it can replace the prototype of an object: rename it`;
  return new ProblemError("invalid-request", `${field}: ${message}`, { errors: [{ field, message }], cause });
}

/** Where the key is; undefined when it is deeper than `depth`, which is refused for itself. */
function prototypeKeyPath(node: unknown, depth: number): readonly PropertyKey[] | undefined {
  if (typeof node !== "object" || node === null || depth < 0) return undefined;
  if (Object.hasOwn(node, "__proto__")) return ["__proto__"];
  for (const [key, child] of Object.entries(node)) {
    if (key === "constructor" && typeof child === "object" && child !== null && Object.hasOwn(child, "prototype")) {
      return [key, "prototype"];
    }
    const found = prototypeKeyPath(child, depth - 1);
    if (found !== undefined) return [Array.isArray(node) ? Number(key) : key, ...found];
  }
  return undefined;
}
