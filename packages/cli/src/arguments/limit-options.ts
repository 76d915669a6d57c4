import type { LimitName, Limits } from "@glovebox/protocol";

/** How a limit is written on the command line: its option, its unit there, and units of the limit in one of it. */
export interface LimitOption {
  readonly limit: LimitName;
  readonly option: string;
  readonly unit: string;
  readonly factor: number;
  readonly help: string;
}

const mebibyte = 1024 * 1024;

export const limitOptions: readonly LimitOption[] = [
  { limit: "timeoutMs", option: "--timeout", unit: "s", factor: 1_000, help: "wall-clock time" },
  { limit: "cpuMs", option: "--cpu-time", unit: "s", factor: 1_000, help: "CPU time of all processes" },
  { limit: "cpuPercent", option: "--cpu", unit: "%", factor: 1, help: "share of CPU; 100 is one core" },
  { limit: "memoryBytes", option: "--memory", unit: "MB", factor: mebibyte, help: "memory of all processes" },
  { limit: "processes", option: "--processes", unit: "", factor: 1, help: "processes and threads alive at once" },
  { limit: "outputBytes", option: "--output-bytes", unit: "bytes", factor: 1, help: "stdout and stderr together" },
  { limit: "outputLines", option: "--output-lines", unit: "lines", factor: 1, help: "stdout and stderr together" },
  { limit: "diskBytes", option: "--disk", unit: "MB", factor: mebibyte, help: "files that the program writes" },
  { limit: "openFiles", option: "--open-files", unit: "", factor: 1, help: "descriptors open in one process" },
];

/** Those of the compiler, for languages that have one. Its other limits are set by the language. */
export const compileLimitOptions: readonly LimitOption[] = [
  { limit: "timeoutMs", option: "--compile-timeout", unit: "s", factor: 1_000, help: "wall-clock time" },
  { limit: "memoryBytes", option: "--compile-memory", unit: "MB", factor: mebibyte, help: "memory" },
];

const byLimit = new Map(limitOptions.map((entry) => [entry.limit, entry]));

/** A limit the way its option takes it: `100 MB`, `1.5 s`, `64`. */
export function limitText(limit: LimitName, limits: Limits): string {
  const { factor, unit } = byLimit.get(limit) ?? { factor: 1, unit: "" };
  const amount = Number((limits[limit] / factor).toFixed(3));
  return unit === "" ? String(amount) : `${amount} ${unit}`;
}

/** The option of a limit in the request, `limits.timeoutMs` for instance; undefined when it is none. */
export function limitOption(group: string, limit: string): string | undefined {
  const options = group === "limits" ? limitOptions : group === "compileLimits" ? compileLimitOptions : [];
  return options.find((entry) => entry.limit === limit)?.option;
}
