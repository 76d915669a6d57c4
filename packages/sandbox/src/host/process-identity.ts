import { readFileSync } from "node:fs";

/**
 * The start time of a process in clock ticks since boot, or null when there is no such process. Together
 * with the number it names one process for good, where the number alone may come again.
 */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

const pattern = /^(\d+)-(\d+)-(\d+)$/;
let instances = 0;

/** A name for one set of sandboxes of this process: `pid-starttime-number`. */
export function newInstanceName(): string {
  instances += 1;
  return `${process.pid}-${startTimeOf(process.pid) ?? "0"}-${instances}`;
}

/** True for a name made by {@link newInstanceName} in a process that lives no more. */
export function isAbandoned(name: string): boolean {
  const match = pattern.exec(name);
  if (match === null) return false;
  return startTimeOf(Number(match[1])) !== match[2];
}
