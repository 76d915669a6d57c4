import * as z from "zod";

const KIB = 1024;
const MIB = 1024 * KIB;

/** The least that a limit can be, from which on a program can start at all. */
export const leastLimits = Object.freeze({
  timeoutMs: 1,
  cpuMs: 1,
  cpuPercent: 1,
  memoryBytes: 16 * MIB,
  processes: 1,
  outputBytes: 0,
  outputLines: 0,
  diskBytes: 64 * KIB,
  openFiles: 16,
});

/** A whole number with a lower bound, which an error names; `text` says it in another unit. */
function atLeast(limit: keyof typeof leastLimits, text?: string) {
  const least = leastLimits[limit];
  return z
    .int("must be a whole number")
    .min(least, `must be at least ${least}${text === undefined ? "" : ` (${text})`}`);
}

/**
 * The limits of one execution. Every field is optional in a request; what is missing comes from the
 * defaults of the host, and nothing may exceed the host's ceiling.
 */
export const limitsSchema = z.strictObject({
  /** Wall-clock time of the program in milliseconds. */
  timeoutMs: atLeast("timeoutMs"),
  /** CPU time of all processes of the program together, in milliseconds. */
  cpuMs: atLeast("cpuMs"),
  /** Share of CPU in percent of one core: 100 is one core, 250 two and a half. */
  cpuPercent: atLeast("cpuPercent"),
  /** Memory of all processes together with the files of the workspace, in bytes. */
  memoryBytes: atLeast("memoryBytes", "16 MiB"),
  /** Processes and threads alive at the same time. */
  processes: atLeast("processes"),
  /** Bytes of stdout and stderr together. */
  outputBytes: atLeast("outputBytes"),
  /** Lines (newline characters) of stdout and stderr together. */
  outputLines: atLeast("outputLines"),
  /** Bytes of the files the program writes, over all writable folders. */
  diskBytes: atLeast("diskBytes", "64 KiB"),
  /** Descriptors that one process may hold open. */
  openFiles: atLeast("openFiles"),
});

export type Limits = z.infer<typeof limitsSchema>;
export type LimitName = keyof Limits;
export const limitNames = Object.keys(limitsSchema.shape) as readonly LimitName[];

/** What a request gets that names no limit. */
export const defaultLimits: Limits = Object.freeze({
  timeoutMs: 30_000,
  cpuMs: 60_000,
  cpuPercent: 100,
  memoryBytes: 512 * MIB,
  processes: 64,
  outputBytes: 4 * MIB,
  outputLines: 100_000,
  diskBytes: 128 * MIB,
  openFiles: 256,
});

/** What a compiler gets where neither the request nor the language says otherwise. */
export const defaultCompileLimits: Limits = Object.freeze({
  timeoutMs: 60_000,
  cpuMs: 120_000,
  cpuPercent: 400,
  memoryBytes: 1_024 * MIB,
  processes: 128,
  outputBytes: MIB,
  outputLines: 10_000,
  diskBytes: 512 * MIB,
  openFiles: 1_024,
});

/** The highest value that a request may ask for, unless the operator sets other ceilings. */
export const defaultCeiling: Limits = Object.freeze({
  timeoutMs: 3_600_000,
  cpuMs: 7_200_000,
  cpuPercent: 6_400,
  memoryBytes: 16_384 * MIB,
  processes: 1_024,
  outputBytes: 1_024 * MIB,
  outputLines: 100_000_000,
  diskBytes: 8_192 * MIB,
  openFiles: 4_096,
});
