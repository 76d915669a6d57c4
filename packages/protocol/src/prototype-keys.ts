import { fieldPath } from "./known-fields.ts";
import { ProblemError } from "./problems.ts";
import { maxJsonDepth } from "./value.ts";

/**
 * Where a value has a key by which an object that is copied without thought gets another prototype: `__proto__`, or
 * `prototype` of a `constructor`. Undefined when there is none down to `depth`; what is deeper is refused for itself.
 */
export function prototypeKeyPath(node: unknown, depth: number = maxJsonDepth): readonly PropertyKey[] | undefined {
  if (typeof node !== "object" || node === null || ArrayBuffer.isView(node) || depth < 0) return undefined;
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

/** The problem of such a key at `path`. */
export function refusedKeyProblem(path: readonly PropertyKey[], cause?: unknown): ProblemError {
  const key = path.at(-1) === "prototype" ? "constructor.prototype" : "__proto__";
  const message = `the key ${JSON.stringify(key)} is refused, because it can replace the prototype of an object: rename it`;
  return ProblemError.ofFields("invalid-request", [{ field: fieldPath(path), message }], cause);
}
