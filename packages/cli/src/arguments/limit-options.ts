import type { LimitName } from "@glovebox/protocol";
import type { Measure } from "@glovebox/server/config";

/** How a limit is written on the command line: its option, what it measures and in which unit. */
export interface LimitOption {
  readonly limit: LimitName;
  readonly option: string;
  readonly measure: Measure;
  readonly help: string;
}

const seconds: Measure = { of: "time", unit: "s" };
const megabytes: Measure = { of: "bytes", unit: "MB" };
const bytes: Measure = { of: "bytes", unit: "bytes" };
const percent: Measure = { of: "share", unit: "%" };
const count: Measure = { of: "count", unit: "" };
const lines: Measure = { of: "count", unit: "lines" };

export const limitOptions: readonly LimitOption[] = [
  { limit: "timeoutMs", option: "--timeout", measure: seconds, help: "wall-clock time" },
  { limit: "cpuMs", option: "--cpu-time", measure: seconds, help: "CPU time of all processes" },
  { limit: "cpuPercent", option: "--cpu", measure: percent, help: "share of CPU; 100 is one core" },
  { limit: "memoryBytes", option: "--memory", measure: megabytes, help: "memory of all processes" },
  { limit: "processes", option: "--processes", measure: count, help: "processes and threads alive at once" },
  { limit: "outputBytes", option: "--output-bytes", measure: bytes, help: "stdout and stderr together" },
  { limit: "outputLines", option: "--output-lines", measure: lines, help: "stdout and stderr together" },
  { limit: "diskBytes", option: "--disk", measure: megabytes, help: "files that the program writes" },
  { limit: "openFiles", option: "--open-files", measure: count, help: "descriptors open in one process" },
];

/** Those of the compiler, for languages that have one. Its other limits are set by the language. */
export const compileLimitOptions: readonly LimitOption[] = [
  { limit: "timeoutMs", option: "--compile-timeout", measure: seconds, help: "wall-clock time" },
  { limit: "memoryBytes", option: "--compile-memory", measure: megabytes, help: "memory" },
];

/** The option of a limit in the request, `limits.timeoutMs` for instance; undefined when it is none. */
export function limitOption(group: string, limit: string): string | undefined {
  const options = group === "limits" ? limitOptions : group === "compileLimits" ? compileLimitOptions : [];
  return options.find((entry) => entry.limit === limit)?.option;
}
