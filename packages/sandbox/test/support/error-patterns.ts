import type { ErrorPattern } from "@glovebox/protocol";

/** Patterns as a manifest has them, with what the schema adds. */
export function patterns(...some: Partial<ErrorPattern>[]): ErrorPattern[] {
  return some.map((pattern) => ({ frameOrder: "innermost-first", pattern: "", ...pattern }));
}

export const lines = (...all: string[]) => all.join("\n");

/** For a program none of whose files is at hand. */
export const noSource = () => undefined;
