/**
 * The path of a number in a value that JSON cannot hold; undefined when there is none. Parsers make infinity of a number
 * over 1.8e308, such as 1e400, and writers of JSON make null of it. `value` must be shallow (see `isShallow`).
 */
export function infinitePath(value: unknown): readonly PropertyKey[] | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : [];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return undefined;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = infinitePath(value[index]);
      if (found !== undefined) return [index, ...found];
    }
    return undefined;
  }
  for (const [key, child] of Object.entries(value)) {
    const found = infinitePath(child);
    if (found !== undefined) return [key, ...found];
  }
  return undefined;
}
