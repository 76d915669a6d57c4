/**
 * Which fields a shape has, as paths with `[]` for any index (`limits.timeoutMs`, `files[].name`), and which of them
 * somebody meant who wrote another.
 */
import * as z from "zod";
import type { FieldError } from "./problems.ts";

/** Characters of a field's name that are told: a caller may have made one of megabytes. */
const maxFieldName = 1_000;
/** Longer words are nobody's slip, and comparing them costs the product of their lengths. */
const maxComparedLength = 40;

/** Writes a path the way callers write it: `files[0].name`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    text += typeof part === "number" ? `[${part}]` : text === "" ? String(part) : `.${String(part)}`;
  }
  return text === "" ? "(body)" : text.slice(0, maxFieldName);
}

/** The fields of a schema and of the objects in it. Records have none: their keys are the caller's. */
export function fieldNames(schema: z.core.$ZodType, at = ""): string[] {
  if (schema instanceof z.ZodOptional) return fieldNames(schema.unwrap(), at);
  if (schema instanceof z.ZodArray) return fieldNames(schema.element, `${at}[]`);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => fieldNames(option, at));
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const path = at === "" ? key : `${at}.${key}`;
    return [path, ...fieldNames(field, path)];
  });
}

/** The error for a field that is none of `names`, with the one that was probably meant. `path` leads to its object. */
export function unknownField(path: readonly PropertyKey[], key: string, names: readonly string[]): FieldError {
  const meant = meantField(path, key, names);
  const mend = meant === undefined ? "remove it or correct its name" : `did you mean '${meant}'?`;
  return { field: fieldPath([...path, key]), message: `unknown field: ${mend}` };
}

/** The errors of all fields of `value`, and of the objects in it, that are none of `names`. */
export function unknownFields(
  value: object,
  names: readonly string[],
  path: readonly PropertyKey[] = [],
): FieldError[] {
  const known = new Set(names);
  const parents = new Set(names.map(parentOf));
  function search(node: unknown, at: readonly PropertyKey[]): FieldError[] {
    if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return [];
    if (Array.isArray(node)) return node.flatMap((entry, index) => search(entry, [...at, index]));
    if (at.length > 0 && !parents.has(patternOf(at))) return [];
    return Object.entries(node).flatMap(([key, child]) =>
      known.has(patternOf([...at, key])) ? search(child, [...at, key]) : [unknownField([...path, ...at], key, names)],
    );
  }
  return search(value, []);
}

/**
 * The word of `known` that was probably meant: the same but for case and signs, one that begins with the other, or one
 * with few letters changed, of several the nearest. Undefined when none is near.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = farness(word, name);
    if (distance !== undefined && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name, distance };
  }
  return best?.name;
}

/** A field beside it, or else one elsewhere of the same name but for its end: `limits.timeoutMs` for `timeout`. */
function meantField(path: readonly PropertyKey[], key: string, names: readonly string[]): string | undefined {
  const parent = patternOf(path);
  const beside = names.filter((name) => parentOf(name) === parent).map(leafOf);
  const near = nearest(key, beside);
  if (near !== undefined) return fieldPath([...path, near]);
  const elsewhere = names.filter((name) => !name.includes("[]") && (farness(key, leafOf(name)) ?? 1) < 1);
  return elsewhere[0];
}

const patternOf = (path: readonly PropertyKey[]) =>
  path.length === 0 ? "" : fieldPath(path).replace(/\[\d+\]/g, "[]");
const parentOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf(".")));
const leafOf = (name: string) => name.slice(name.lastIndexOf(".") + 1);

/** From 0, the same word, over below 1, a part of it, to the number of letters changed; undefined for another word. */
function farness(word: string, name: string): number | undefined {
  if (word.length > maxComparedLength) return undefined;
  const [one, other] = [word, name].map((text) => text.toLowerCase().replace(/[^\p{L}\p{N}+#]/gu, "")) as [
    string,
    string,
  ];
  if (one === other) return 0;
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short.length >= 3 && long.startsWith(short)) return 1 - short.length / long.length;
  const most = Math.min(Math.max(1, Math.floor(short.length / 3)), short.length - 1);
  if (long.length - short.length > most) return undefined;
  const changes = editDistance(one, other);
  return changes <= most ? changes : undefined;
}

/** Letters to add, drop, replace or swap with their neighbour (optimal string alignment). */
function editDistance(one: string, other: string): number {
  const rows = [[...Array(other.length + 1).keys()]];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const at = (up: number, left: number) => rows[i - up]?.[j - left] ?? Number.POSITIVE_INFINITY;
      row.push(
        Math.min(
          at(1, 0) + 1,
          (row[j - 1] ?? 0) + 1,
          at(1, 1) + (same ? 0 : 1),
          swapped ? at(2, 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    rows.push(row);
  }
  return rows[one.length]?.[other.length] ?? 0;
}
