/** `T` without the fields that are there but undefined, which zod's optional fields allow. */
export type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

export function definedOnly<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<T>;
}
