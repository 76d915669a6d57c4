import * as z from "zod";
import { alertLimitSchema } from "./events.ts";
import { softLimitSchema } from "./outcome.ts";
import { fileNameSchema } from "./request.ts";

/** What the nursery reports on its standard output, one JSON object a line. */
export const nurseryReportSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready"), python: z.string().max(40), warnings: z.array(z.string()) }),
  z.strictObject({ type: z.literal("gone"), id: z.string(), status: z.int() }),
  z.strictObject({ type: z.literal("failed"), id: z.string(), message: z.string() }),
]);
export type NurseryReport = z.infer<typeof nurseryReportSchema>;

/** The sandbox `id` is locked down and waits for a lease. */
export const parkedFrameSchema = z.strictObject({ id: z.string().max(64) });

export const alertFrameSchema = z.strictObject({
  limit: alertLimitSchema,
  used: z.number().nonnegative(),
  allowed: z.number().nonnegative(),
});

/** A file that the program made. Without `sha256` its content follows in frames of its own. */
export const artifactFrameSchema = z.strictObject({
  path: fileNameSchema,
  size: z.int().nonnegative(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

const wardenOutcome = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exited"), code: z.int().min(0).max(255), violations: z.array(softLimitSchema) }),
  z.strictObject({ kind: z.literal("signalled"), signal: z.string().max(32), violations: z.array(softLimitSchema) }),
  z.strictObject({
    kind: z.literal("timed-out"),
    limit: z.enum(["timeoutMs", "cpuMs"]),
    violations: z.array(softLimitSchema),
  }),
  z.strictObject({
    kind: z.literal("output-limit"),
    limit: z.enum(["outputBytes", "outputLines"]),
    violations: z.array(softLimitSchema),
  }),
  z.strictObject({
    kind: z.enum(["out-of-memory", "disk-limit", "cancelled"]),
    violations: z.array(softLimitSchema),
  }),
]);

/** The last frame: every process of the program is dead, or is being taken apart by the kernel and runs no more. */
export const finishedFrameSchema = z.strictObject({
  outcome: wardenOutcome,
  metrics: z.strictObject({
    wallMs: z.number().nonnegative(),
    cpuMs: z.number().nonnegative(),
    peakMemoryBytes: z.number().nonnegative(),
    startMs: z.number().nonnegative(),
  }),
  /** Files that were left in the sandbox, with the reason; at most 100. */
  skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  /** How many more were left than `skipped` names. */
  notListed: z.int().nonnegative(),
  warnings: z.array(z.string()),
  /** Whether the program read its standard input; only where that is watched. */
  stdinRead: z.boolean().optional(),
});
export type FinishedFrame = z.infer<typeof finishedFrameSchema>;

/** The warden failed: a fault of Glovebox, never of the program. */
export const faultFrameSchema = z.strictObject({ message: z.string(), trace: z.string() });
