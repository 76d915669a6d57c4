import type { Limits, Outcome, Stage } from "@glovebox/protocol";
import { limitText } from "../arguments/limit-options.ts";

/** What to say about the end of a program; empty when it, or its compiler, exited and met no limit. */
export function outcomeText(outcome: Outcome, limitsOf: Readonly<Record<Stage, Limits>>): string[] {
  const limits = limitsOf[outcome.stage];
  const end = endText(outcome, limits);
  const who = outcome.stage === "compile" ? "compiler" : "program";
  const met = outcome.violations.map(
    (limit) => `the ${who} met the limit of ${names[limit]} (${limitText(limit, limits)})`,
  );
  return end === undefined ? met : [end, ...met];
}

const names = { processes: "processes", openFiles: "open files", diskBytes: "disk space" } as const;

function endText(outcome: Outcome, limits: Limits): string | undefined {
  const during = outcome.stage === "compile" ? " while compiling" : "";
  switch (outcome.kind) {
    case "exited":
      return undefined;
    case "signalled":
      return `ended by ${outcome.signal}${during}`;
    case "timed-out": {
      const what = outcome.limit === "cpuMs" ? "out of CPU time" : "timed out";
      return `${what}${during} (limit ${limitText(outcome.limit, limits)})`;
    }
    case "out-of-memory":
      return `out of memory${during} (limit ${limitText("memoryBytes", limits)})`;
    case "output-limit":
      return `too much output${during} (limit ${limitText(outcome.limit, limits)})`;
    case "disk-limit":
      return `too much written to disk${during} (limit ${limitText("diskBytes", limits)})`;
    case "cancelled":
      return "cancelled";
    case "refused":
      return "refused by policy";
    case "sandbox-fault":
      return `sandbox fault: ${outcome.message}`;
  }
}
