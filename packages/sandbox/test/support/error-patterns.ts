import type { ErrorPattern } from "@glovebox/protocol";
import type { ProgramFiles } from "../../src/lease/error-text.ts";

/** Patterns as a manifest has them, with what the schema adds. */
export function patterns(...some: Partial<ErrorPattern>[]): ErrorPattern[] {
  return some.map((pattern) => ({ frameOrder: "innermost-first", pattern: "", ...pattern }));
}

export const lines = (...all: string[]) => all.join("\n");

/** For a program none of whose files is at hand. */
export const noSource: ProgramFiles = { names: [], text: () => undefined };

/** The files of a program with these texts by their names. */
export const programFiles = (texts: Readonly<Record<string, string>>): ProgramFiles => ({
  names: Object.keys(texts),
  text: (name) => texts[name],
});
