import * as z from "zod";
import { finishedExecutionSchema } from "./execution.ts";
import { isolationSchema } from "./isolation.ts";
import { sampleSchema } from "./metrics.ts";
import { problemSchema } from "./problems.ts";
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

/** The warning in a record of which a stream is not UTF-8. */
export function binaryRecordWarning(stream: "stdout" | "stderr"): string {
  return `${stream} is not UTF-8: ${stream}Base64 has its bytes`;
}

/**
 * The events of one execution as they travel over HTTP. `seq` counts from 0 without gaps; `started`
 * is first and `finished` last, and what is held no more has a `cut` in its place. Output arrives as text, decoded as UTF-8 across chunk borders.
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
  z.strictObject({ type: z.literal("finished"), execution: finishedExecutionSchema, ...sequence }),
  /** The last event instead of `started` and all that follows, where nothing was started. */
  z.strictObject({ type: z.literal("rejected"), problem: problemSchema, ...sequence }),
  /** In place of the events from `from` to `seq`, which are held no more: the reader came late, or read too slowly. */
  z.strictObject({ type: z.literal("cut"), from: z.int().nonnegative(), ...sequence }),
]);
export type ExecutionEvent = z.infer<typeof executionEventSchema>;
