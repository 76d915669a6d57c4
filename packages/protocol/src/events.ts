import * as z from "zod";
import { executionSchema, isolationSchema } from "./execution.ts";
import { sampleSchema } from "./metrics.ts";
import { displaySchema, valueSchema } from "./value.ts";

/** The limits that raise an alert when 80 % of them is used. */
export const alertLimitSchema = z.enum([
  "timeoutMs",
  "cpuMs",
  "memoryBytes",
  "processes",
  "outputBytes",
  "outputLines",
  "diskBytes",
]);
export type AlertLimit = z.infer<typeof alertLimitSchema>;

const sequence = { seq: z.int().nonnegative() };
/** A piece of output; where its bytes are not UTF-8 they are there as well. */
const output = { text: z.string(), dataBase64: z.base64().optional(), ...sequence };

/** The warning in the record of a stream of which events had `dataBase64`. */
export function binaryEventsWarning(stream: "stdout" | "stderr"): string {
  return `${stream} is not UTF-8: the events' dataBase64 has its bytes`;
}

/**
 * The events of one execution as they travel over HTTP. `seq` counts from 0 without gaps; `started`
 * is first and `finished` last. Output arrives as text, decoded as UTF-8 across chunk borders.
 */
export const executionEventSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("started"), id: z.string(), isolation: isolationSchema, ...sequence }),
  z.strictObject({ type: z.literal("stdout"), ...output }),
  z.strictObject({ type: z.literal("stderr"), ...output }),
  z.strictObject({ type: z.literal("display"), data: displaySchema, ...sequence }),
  z.strictObject({ type: z.literal("result"), name: z.string(), value: valueSchema, ...sequence }),
  z.strictObject({
    type: z.literal("progress"),
    fraction: z.number().nullable(),
    message: z.string().nullable(),
    ...sequence,
  }),
  z.strictObject({ type: z.literal("metrics"), sample: sampleSchema, ...sequence }),
  z.strictObject({
    type: z.literal("alert"),
    limit: alertLimitSchema,
    /** What is used, in the unit of the limit. */
    used: z.number(),
    allowed: z.number(),
    ...sequence,
  }),
  /** The whole record; `stdout` and `stderr` are empty in it, they have been sent as events. */
  z.strictObject({ type: z.literal("finished"), execution: executionSchema, ...sequence }),
]);
export type ExecutionEvent = z.infer<typeof executionEventSchema>;
