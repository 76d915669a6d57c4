import type { FinishedExecution, LimitName, Limits, Outcome, Stage } from "@glovebox/protocol";
import { limitText } from "../arguments/limit-amounts.ts";
import { limitOption } from "../arguments/limit-options.ts";

/** What to say about the end of a program; empty when it, or its compiler, exited and met no limit. */
export function outcomeText({ outcome, limits, compileLimits = limits }: FinishedExecution): string[] {
  const kept = outcome.stage === "compile" ? compileLimits : limits;
  const told = (limit: LimitName) => limitAndOption(limit, outcome.stage, kept);
  const end = endText(outcome, told);
  const who = outcome.stage === "compile" ? "compiler" : "program";
  const met = outcome.violations.map((limit) => `the ${who} met the limit of ${names[limit]} (${told(limit)})`);
  return end === undefined ? met : [end, ...met];
}

/** A limit with the option that raises it, if it has one: the compiler has options for two of its limits. */
function limitAndOption(limit: LimitName, stage: Stage, limits: Limits): string {
  const option = limitOption(stage === "compile" ? "compileLimits" : "limits", limit);
  const text = limitText(limit, limits[limit]);
  return option === undefined ? text : `${text}; ${option} raises it`;
}

const names = { processes: "processes", openFiles: "open files", diskBytes: "disk space" } as const;

function endText(outcome: Outcome, told: (limit: LimitName) => string): string | undefined {
  const during = outcome.stage === "compile" ? " while compiling" : "";
  switch (outcome.kind) {
    case "exited":
      return undefined;
    case "signalled":
      return `ended by ${outcome.signal}${during}`;
    case "timed-out": {
      const what = outcome.limit === "cpuMs" ? "out of CPU time" : "timed out";
      return `${what}${during} (limit ${told(outcome.limit)})`;
    }
    case "out-of-memory":
      return `out of memory${during} (limit ${told("memoryBytes")})`;
    case "output-limit":
      return `too much output${during} (limit ${told(outcome.limit)})`;
    case "disk-limit":
      return `too much written to disk${during} (limit ${told("diskBytes")})`;
    case "cancelled":
      return "cancelled";
    case "refused":
      return "refused by policy";
    case "sandbox-fault":
      return `sandbox fault: ${outcome.message}`;
  }
}
