import type * as z from "zod";
import { crowdedPath, type ValueFields } from "./crowd.ts";
import { isShallow, type RunnerMessage, resultLineSchema, runnerMessageSchema } from "./value.ts";

const valueFields: ValueFields = { value: "value", data: "values", variables: "values" };

/** What a program said in JSON. Refusing it takes no more time and memory than reading its JSON, whatever it is. */
function parse<Schema extends z.ZodType>(text: string, schema: Schema): z.infer<Schema> | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isShallow(said) || crowdedPath(said, valueFields) !== undefined) return undefined;
  return schema.safeParse(said).data;
}

/** The message of a runner; undefined for anything else. */
export function parseRunnerMessage(text: string): RunnerMessage | undefined {
  return parse(text, runnerMessageSchema);
}

/** A line of the file `$GLOVEBOX_RESULTS`; undefined for anything else. */
export function parseResultLine(text: string): z.infer<typeof resultLineSchema> | undefined {
  return parse(text, resultLineSchema);
}
