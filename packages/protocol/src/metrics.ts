import * as z from "zod";

/** One look at a running program. */
export const sampleSchema = z.strictObject({
  /** Milliseconds since the program was started. */
  atMs: z.number().nonnegative(),
  /** CPU time used so far by all processes, in milliseconds. */
  cpuMs: z.number().nonnegative(),
  /** Memory in use now, in bytes: cgroup charge, or the sum over the processes without cgroups. */
  memoryBytes: z.number().nonnegative(),
  /** Processes and threads alive now. */
  processes: z.int().nonnegative(),
});
export type Sample = z.infer<typeof sampleSchema>;

export const metricsSchema = z.strictObject({
  /** Wall-clock time from handing over the program to its end. */
  wallMs: z.number().nonnegative(),
  /** CPU time of all processes of the program. */
  cpuMs: z.number().nonnegative(),
  /** Highest memory use, in bytes. */
  peakMemoryBytes: z.number().nonnegative(),
  /** Time the request waited for a free sandbox. */
  queueMs: z.number().nonnegative(),
  /** Time from having the sandbox to the start of the program: limits, files, hand-over. */
  startMs: z.number().nonnegative(),
  /** Present when the request asked for it with `sampleIntervalMs`. */
  samples: z.array(sampleSchema).optional(),
});
export type Metrics = z.infer<typeof metricsSchema>;
