/** Gathers the values of a repeatable option of commander's. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
