import * as z from "zod";
import { isolationSchema } from "./isolation.ts";
import { limitsSchema } from "./limits.ts";
import { metricsSchema } from "./metrics.ts";
import { outcomeSchema } from "./outcome.ts";
import { problemSchema } from "./problems.ts";
import { fileNameSchema } from "./request.ts";
import { displaySchema, programErrorSchema, valueSchema } from "./value.ts";

/** A moment in UTC: `2026-01-31T08:15:00.123Z`. */
const timestamp = z.iso.datetime();

export const artifactSchema = z.strictObject({
  /** Path below the working directory, with '/' between segments. */
  path: z.string(),
  size: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Artifact = z.infer<typeof artifactSchema>;

/** What the compiler did, for languages that have one. */
export const compilationSchema = z.strictObject({
  /** True when the product was there already and no compiler ran. The rest is then that of the run that made it. */
  cached: z.boolean(),
  outcome: outcomeSchema,
  stdout: z.string(),
  stderr: z.string(),
  metrics: metricsSchema,
});
export type Compilation = z.infer<typeof compilationSchema>;

/** What stands before the files in an entry of the compile cache. */
export const cacheHeaderSchema = z.strictObject({
  format: z.literal(1),
  files: z.array(z.strictObject({ path: fileNameSchema, size: z.int().nonnegative() })).max(10_000),
  /** What the maker wants to know again; it has a schema of its own. */
  note: z.unknown(),
});

/** What an execution has from the moment it was accepted. */
const accepted = {
  id: z.string(),
  language: z.string(),
  /** The limits that are kept: what was asked for over the host's defaults. */
  limits: limitsSchema,
  /** Those of the compiler, for languages that have one. */
  compileLimits: limitsSchema.optional(),
  createdAt: timestamp,
  metadata: z.record(z.string(), valueSchema).optional(),
};

/** What the program has come to. Success and failure share this shape. */
export const programEndSchema = z.strictObject({
  outcome: outcomeSchema,
  stdout: z.string(),
  stderr: z.string(),
  /** The bytes of `stdout` where they are not UTF-8: the text has U+FFFD then for each byte that is none. */
  stdoutBase64: z.base64().optional(),
  stderrBase64: z.base64().optional(),
  /** Value of the last expression; null when there is none. */
  value: valueSchema,
  /** What the program saved with `save_result`, by name. */
  results: z.record(z.string(), valueSchema),
  /** The variables named in `returnVariables`. */
  variables: z.record(z.string(), valueSchema),
  displays: z.array(displaySchema),
  /** Files that the program created or changed in its working directory. */
  artifacts: z.array(artifactSchema),
  /** The uncaught error of the program; null when there was none. */
  error: programErrorSchema.nullable(),
  metrics: metricsSchema,
  compile: compilationSchema.optional(),
  warnings: z.array(z.string()),
  isolation: isolationSchema,
});
/** How one run of a program ended, as whoever runs programs tells it: it knows neither executions nor their ids. */
export type ProgramEnd = z.infer<typeof programEndSchema>;

export const finishedExecutionSchema = z.strictObject({
  status: z.literal("finished"),
  ...accepted,
  /** When it got its sandbox; missing when it was cancelled before that. */
  startedAt: timestamp.optional(),
  finishedAt: timestamp,
  ...programEndSchema.shape,
  findings: z.array(z.json()),
});
export type FinishedExecution = z.infer<typeof finishedExecutionSchema>;

/** An execution in any of its states: `queued`, then `running`, then `finished`; or `rejected` without a start. */
export const executionSchema = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("queued"), ...accepted }),
  z.strictObject({ status: z.literal("running"), ...accepted, startedAt: timestamp }),
  finishedExecutionSchema,
  /** It never started: no sandbox became free, say. Nothing of the program ran. */
  z.strictObject({ status: z.literal("rejected"), ...accepted, finishedAt: timestamp, problem: problemSchema }),
]);
export type Execution = z.infer<typeof executionSchema>;
export type ExecutionStatus = Execution["status"];

/** One line of a list of executions. */
export const executionSummarySchema = z.strictObject({
  id: z.string(),
  status: z.enum(["queued", "running", "finished", "rejected"]),
  language: z.string(),
  createdAt: timestamp,
  startedAt: timestamp.optional(),
  finishedAt: timestamp.optional(),
  /** Of one that is finished. */
  outcome: outcomeSchema.optional(),
  /** Of one that was rejected. */
  problem: problemSchema.optional(),
});
export type ExecutionSummary = z.infer<typeof executionSummarySchema>;

/** A page of a list, the newest first. */
export const executionPageSchema = z.strictObject({
  executions: z.array(executionSummarySchema),
  /** Gives the next page as `cursor`; null on the last one. */
  nextCursor: z.string().nullable(),
});
export type ExecutionPage = z.infer<typeof executionPageSchema>;
