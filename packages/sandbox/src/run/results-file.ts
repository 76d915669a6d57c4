import { isShallowJson, type RunnerMessage, valueSchema } from "@glovebox/protocol";
import { z } from "zod";

/** Lines of one file that are reported as broken; the rest of them is counted. */
const maxReported = 10;

const lineSchema = z.strictObject({
  name: z
    .string()
    .max(200)
    .refine((name) => name.trim() !== "", "must not be empty"),
  value: valueSchema,
});

type Result = Extract<RunnerMessage, { type: "result" }>;

/** Reads what a program wrote to `$GLOVEBOX_RESULTS`: one object with `name` and `value` a line. */
export function readResults(text: string): { results: Result[]; warnings: string[] } {
  const results: Result[] = [];
  const warnings: string[] = [];
  let broken = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const parsed = lineSchema.safeParse(parseShallow(line));
    if (parsed.success) results.push({ type: "result", ...parsed.data });
    else if (++broken <= maxReported) {
      warnings.push(`results: line ${index + 1} was left out: it must be a JSON object {"name": text, "value": any}`);
    }
  }
  if (broken > maxReported) warnings.push(`results: ${broken - maxReported} more lines were left out`);
  return { results, warnings };
}

function parseShallow(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return isShallowJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
