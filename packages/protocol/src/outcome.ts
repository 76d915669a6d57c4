import * as z from "zod";

/** The part of an execution in which it ended. */
export const stageSchema = z.enum(["compile", "run"]);
export type Stage = z.infer<typeof stageSchema>;

/** Limits that end a program by refusing it something rather than by stopping it. */
export const softLimitSchema = z.enum(["processes", "openFiles", "diskBytes"]);
export type SoftLimit = z.infer<typeof softLimitSchema>;

const ended = {
  stage: stageSchema,
  /** Limits at which the kernel refused the program something, though it was not stopped for it. */
  violations: z.array(softLimitSchema),
};

/**
 * How an execution ended. The first cause wins: a program that is stopped for its output and dies of
 * the signal has the outcome `output-limit`. A non-zero exit is a result, not an error.
 */
export const outcomeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exited"), code: z.int().min(0).max(255), ...ended }),
  z.strictObject({ kind: z.literal("signalled"), signal: z.string().max(32), ...ended }),
  z.strictObject({ kind: z.literal("timed-out"), limit: z.enum(["timeoutMs", "cpuMs"]), ...ended }),
  z.strictObject({ kind: z.literal("out-of-memory"), ...ended }),
  z.strictObject({ kind: z.literal("output-limit"), limit: z.enum(["outputBytes", "outputLines"]), ...ended }),
  z.strictObject({ kind: z.literal("disk-limit"), ...ended }),
  z.strictObject({ kind: z.literal("cancelled"), ...ended }),
  z.strictObject({ kind: z.literal("refused"), ...ended }),
  z.strictObject({ kind: z.literal("sandbox-fault"), message: z.string(), ...ended }),
]);

export type Outcome = z.infer<typeof outcomeSchema>;
export type OutcomeKind = Outcome["kind"];
