import * as z from "zod";

/**
 * A value of the program. What JSON holds exactly is itself; what it cannot hold is a description,
 * an object with `$type` and `repr`, in the place of the value. A program's own object that has a key
 * `$type` is sent as a description too, so the two are never confused.
 *
 * What is checked with it has always come out of a parser of JSON, so it is not looked at again: `z.json()`
 * takes 7 s for the 8 MB of `[[],[],...]` that one message of a program may hold, and everybody waits.
 */
export const valueSchema: z.ZodType<Value> = z
  .unknown()
  .refine((value): value is Value => value !== undefined, "must be given");
export type Value = z.core.util.JSONType;

/** One rich output, keyed by MIME type. `image/*` other than SVG is base64 text. */
export const displaySchema = z.record(z.string().max(200), valueSchema);
export type Display = z.infer<typeof displaySchema>;

export const programErrorSchema = z.strictObject({
  type: z.string().max(1_000),
  message: z.string(),
  /** The traceback as the language prints it, with the program's own frames only. */
  traceback: z.string(),
  frames: z.array(
    z.strictObject({
      file: z.string(),
      line: z.int(),
      function: z.string(),
      source: z.string().nullable(),
    }),
  ),
  /** Line of the program where the error arose, counted from 1; null when it has none. */
  line: z.int().nullable(),
});
export type ProgramError = z.infer<typeof programErrorSchema>;

/** What a runner may say. It comes from inside the sandbox: nothing in it is trusted. */
export const runnerMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("value"), value: valueSchema }),
  z.strictObject({ type: z.literal("display"), data: displaySchema }),
  z.strictObject({ type: z.literal("result"), name: z.string().max(400), value: valueSchema }),
  z.strictObject({ type: z.literal("variables"), variables: z.record(z.string(), valueSchema) }),
  z.strictObject({
    type: z.literal("progress"),
    fraction: z.number().min(0).max(1).nullable(),
    message: z.string().nullable(),
  }),
  z.strictObject({ type: z.literal("error"), error: programErrorSchema }),
  z.strictObject({ type: z.literal("warning"), message: z.string() }),
]);
export type RunnerMessage = z.infer<typeof runnerMessageSchema>;

/** One line of the file `$GLOVEBOX_RESULTS`. It is the program's word, like the messages of a runner. */
export const resultLineSchema = z.strictObject({
  name: z
    .string()
    .max(200)
    .refine((name) => name.trim() !== "", "must not be empty"),
  value: valueSchema,
});

/** Deepest nesting accepted of callers and runners; deeper JSON would exhaust the stack of what reads it. */
export const maxJsonDepth = 100;

/** True for a value that is nested at most {@link maxJsonDepth} levels. Does not recurse. */
export function isShallow(value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; depth < maxJsonDepth; depth++) {
    const next: object[] = [];
    for (const container of level) {
      for (const child of Array.isArray(container) ? container : Object.values(container)) {
        if (isContainer(child)) next.push(child);
      }
    }
    if (next.length === 0) return true;
    level = next;
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}
