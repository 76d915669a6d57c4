/** Where sandboxes see what belongs to a language. */
export const languageFolders = {
  /** Parent of the folder of each language; `{runner}`. */
  runners: "/opt/glovebox",
  /** What was made ahead of time; `{warm}`. */
  warm: "/glovebox-warm",
  /** What the compiler makes; `{product}`. */
  product: "/glovebox/product",
} as const;

/**
 * A command of a manifest with its placeholders filled in. One that stands for a list, as an argument of its own,
 * becomes as many words, in which nothing is filled in.
 */
export function fill(
  command: readonly string[],
  values: Readonly<Record<string, string>>,
  lists: { readonly args?: readonly string[]; readonly options?: readonly string[] } = {},
): string[] {
  const { args = [], options = [] } = lists;
  const value = (whole: string, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? whole) : whole);
  const filled = (part: string) => part.replace(/\{([a-z][a-z0-9]*)\}/g, value);
  return command.flatMap((part) => (part === "{args}" ? args : part === "{options}" ? options : [filled(part)]));
}

/** The values of the placeholders that do not depend on the program. */
export function fixedPlaceholders(
  language: string,
  tools: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { runners, warm, product } = languageFolders;
  return { ...tools, runner: `${runners}/${language}`, warm, product };
}
