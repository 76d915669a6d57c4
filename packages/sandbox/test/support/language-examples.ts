import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { FinishedExecution, Runtime } from "@glovebox/protocol";
import { expect } from "vitest";

/** The programs that every language with a manifest has, a folder each. */
export const examples = join(import.meta.dirname, "../../../../examples/languages");

/** Programs of the folder `bad` that end by a limit. */
export const limitPrograms = ["endless-loop", "memory-bomb", "fork-bomb", "output-flood", "deep-recursion"] as const;
/** Programs of the folder `bad` that end by an error of their own. */
export const errorPrograms = ["syntax-error", "runtime-error"] as const;

/** The file `name` with whatever extension the language has. */
export function find(folder: string, name: string): string {
  const file = readdirSync(folder).find((entry) => entry.toLowerCase().startsWith(`${name}.`));
  if (file === undefined) throw new Error(`${folder} has no file ${name}`);
  return join(folder, file);
}

export function asFile(path: string) {
  const name = path.split("/").at(-1) ?? "";
  return { files: [{ name, content: readFileSync(path, "utf8") }], entry: name };
}

/** The files of a folder; the main file is the one called `main`. */
export function asFolder(folder: string) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .map((name) => ({ name, content: readFileSync(join(folder, name), "utf8") }));
  return { files, entry: basename(find(folder, "main")) };
}

/** The end of a program of the folder `bad` is the one in the manifest. */
export function expectAsItsManifestSays(
  runtime: Runtime,
  name: (typeof limitPrograms | typeof errorPrograms)[number],
  { outcome, error, stderr }: Pick<FinishedExecution, "outcome" | "error" | "stderr">,
): void {
  const expected = runtime.tests?.bad[name] ?? {};
  expect({ outcome, error, stderr }).toMatchObject({
    ...(expected.outcome === undefined ? {} : { outcome: expected.outcome }),
    ...(expected.error === undefined ? {} : { error: expected.error }),
  });
  expect(outcome.violations).toEqual(expect.arrayContaining(expected.violations ?? []));
  expect(outcome.kind).not.toBe("sandbox-fault");
}
