/**
 * Most entries of one object or array outside of the values that a program or a caller gives, and of all of them
 * together.
 *
 * A schema looks at every entry and keeps a complaint for each that is wrong: the 8 MiB that one message may have hold
 * enough of them (`[{},{},...]`) for a minute of the one thread that everybody shares, and for all of its memory.
 */
export const maxEntries = 1_000;
export const maxEntriesInAll = 10_000;

/** The fields of a message that hold values: one value, or one in each of their entries. */
export type ValueFields = Readonly<Record<string, "value" | "values">>;

/**
 * The path of an object or array that has too many entries, or with which the message has too many; undefined when
 * there is none. `message` must be shallow (see `isShallow`).
 */
export function crowdedPath(message: unknown, fields: ValueFields): readonly PropertyKey[] | undefined {
  let left = maxEntriesInAll;

  function search(node: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
    if (typeof node !== "object" || node === null) return undefined;
    const field = path.length === 1 ? fields[String(path[0])] : undefined;
    if (field === "value") return undefined;
    const count = Array.isArray(node) ? node.length : Object.keys(node).length;
    left -= count;
    if (count > maxEntries || left < 0) return path;
    if (field === "values") return undefined;
    for (const [key, child] of Object.entries(node)) {
      const found = search(child, [...path, Array.isArray(node) ? Number(key) : key]);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return search(message, []);
}
