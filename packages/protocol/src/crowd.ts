/**
 * Most entries of one object or array outside of the values that a program or a caller gives, and of all of them
 * together.
 *
 * A schema looks at every entry and keeps a complaint for each that is wrong: the 8 MiB that one message may have hold
 * enough of them (`[{},{},...]`) for a minute of the one thread that everybody shares, and for all of its memory.
 */
export const maxEntries = 1_000;
export const maxEntriesInAll = 10_000;

/** Most files of a request. With everything wrong in all of them the schema takes 0.4 s. */
export const maxFiles = 50_000;
/** Entries that one file may have, three more than its shape has, so that a slip is told as such. */
const maxFileEntries = 6;

/** The fields of a message that hold values: one value, or one in each of their entries. `files`: a list of files. */
export type ValueFields = Readonly<Record<string, "value" | "values" | "files">>;

/**
 * The path of an object or array that has too many entries, or with which the message has too many; undefined when
 * there is none. `message` must be shallow (see `isShallow`).
 */
export function crowdedPath(message: unknown, fields: ValueFields): readonly PropertyKey[] | undefined {
  let left = maxEntriesInAll;

  function search(node: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
    if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return undefined;
    const field = path.length === 1 ? fields[String(path[0])] : undefined;
    if (field === "value") return undefined;
    if (field === "files" && Array.isArray(node)) return node.length > maxFiles ? path : crowdedFile(node, path);
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

function crowdedFile(files: readonly unknown[], path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
  const isCrowd = (node: object) => Object.keys(node).length > maxFileEntries;
  for (const [index, file] of files.entries()) {
    if (typeof file !== "object" || file === null) continue; // the schema refuses it at one look
    if (isCrowd(file)) return [...path, index];
    for (const [key, value] of Object.entries(file)) {
      if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) continue;
      if (isCrowd(value)) return [...path, index, key];
    }
  }
  return undefined;
}
