/*
 * Tests with real sandboxes run in two lanes. Most show facts, which no other test on the machine changes: their files
 * run two at a time. The loud ones fill the machine, or are judged by how fast or in which order something happens: each
 * of them has the machine for itself. A file is in the lane of facts until it is named here.
 */

const loudBecause: Readonly<Record<string, readonly string[]>> = {
  "bombs and floods: they take memory, processes or the kernel's buffers up to a limit, or use up what all share": [
    "packages/sandbox/test/escape/languages/loud.test.ts",
    "packages/sandbox/test/escape/memory.test.ts",
    "packages/sandbox/test/escape/processes.test.ts",
    "packages/sandbox/test/escape/shared-quotas.test.ts",
    "packages/sandbox/test/escape/socket-buffers.test.ts",
    "packages/sandbox/test/escape/waiting-sockets.test.ts",
  ],
  "limits: they are to be met within a time, and by one program alone": [
    "packages/sandbox/test/escape/signals.test.ts",
    "packages/sandbox/test/limits-cpu-share.test.ts",
    "packages/sandbox/test/limits-edges.test.ts",
    "packages/sandbox/test/limits.test.ts",
  ],
  "figures: what is measured of a program, of the server's memory or of its thread": [
    "packages/sandbox/test/cgroup-memory.test.ts",
    "packages/sandbox/test/memory.test.ts",
    "packages/sandbox/test/metrics.test.ts",
  ],
  "order: who is served when, and how fast a stream flows": [
    "packages/sandbox/test/escape/output.test.ts",
    "packages/sandbox/test/queue.test.ts",
    "packages/sandbox/test/streaming.test.ts",
  ],
};

/** The files of the loud lane. */
export const loudFiles: readonly string[] = Object.values(loudBecause).flat();

export const lanes = ["facts", "loud"] as const;
export type Lane = (typeof lanes)[number];

/** The longest files of the lane of facts, longest first: started last, one of them would run on while a place is free. */
export const longFiles: readonly string[] = [
  "test/documents.test.ts",
  "packages/sandbox/test/languages-limits.test.ts",
  "test/languages.test.ts",
  "packages/sandbox/test/languages.test.ts",
  "packages/sandbox/test/escape/languages/quiet.test.ts",
  "packages/sandbox/test/faults.test.ts",
  "packages/sandbox/test/lifecycle.test.ts",
  "packages/sandbox/test/compile-products.test.ts",
  "test/cli-mistakes.test.ts",
  "packages/sandbox/test/compile-cache.test.ts",
  "test/cli.test.ts",
  "packages/sandbox/test/parked-languages.test.ts",
];
