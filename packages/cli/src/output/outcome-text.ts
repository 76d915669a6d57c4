import type { Limits, Outcome } from "@glovebox/protocol";
import { limitText } from "../arguments/limit-options.ts";

/** What to say about the end of a program; empty when it exited and met no limit. */
export function outcomeText(outcome: Outcome, limits: Limits): string[] {
  const end = endText(outcome, limits);
  const met = outcome.violations.map(
    (limit) => `the program met the limit of ${names[limit]} (${limitText(limit, limits)})`,
  );
  return end === undefined ? met : [end, ...met];
}

const names = { processes: "processes", openFiles: "open files", diskBytes: "disk space" } as const;

function endText(outcome: Outcome, limits: Limits): string | undefined {
  switch (outcome.kind) {
    case "exited":
      return undefined;
    case "signalled":
      return `ended by ${outcome.signal}`;
    case "timed-out": {
      const what = outcome.limit === "cpuMs" ? "out of CPU time" : "timed out";
      return `${what} (limit ${limitText(outcome.limit, limits)})`;
    }
    case "out-of-memory":
      return `out of memory (limit ${limitText("memoryBytes", limits)})`;
    case "output-limit":
      return `too much output (limit ${limitText(outcome.limit, limits)})`;
    case "disk-limit":
      return `too much written to disk (limit ${limitText("diskBytes", limits)})`;
    case "cancelled":
      return "cancelled";
    case "refused":
      return "refused by policy";
    case "sandbox-fault":
      return `sandbox fault: ${outcome.message}`;
  }
}
