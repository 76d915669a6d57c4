import { readdirSync, readFileSync, statSync } from "node:fs";
import { startTimeOf } from "../../src/host/process-identity.ts";

/** One process of the host. `start` tells it from a later one with the same number. */
export interface HostProcess {
  readonly pid: number;
  readonly parent: number;
  readonly start: string;
  readonly name: string;
  readonly uid: number;
}

function look(pid: number): HostProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const name = stat.slice(stat.indexOf("(") + 1, end);
    return { pid, parent: Number(fields[1]), start: fields[19] ?? "", name, uid: statSync(`/proc/${pid}`).uid };
  } catch {
    return undefined;
  }
}

/** Every living process of the host. */
export function allProcesses(): HostProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => look(Number(name)))
    .filter((found) => found !== undefined);
}

/** The living processes below `ancestor`, parents before their children. */
export function descendants(ancestor = process.pid): HostProcess[] {
  const all = allProcesses();
  const found: HostProcess[] = [];
  let parents = new Set([ancestor]);
  while (parents.size > 0) {
    const children = all.filter((candidate) => parents.has(candidate.parent));
    found.push(...children);
    parents = new Set(children.map((child) => child.pid));
  }
  return found;
}

/** True while this very process lives. */
export function lives(one: HostProcess): boolean {
  return startTimeOf(one.pid) === one.start && look(one.pid) !== undefined;
}

/** The processes below this one that run `command`, its words with a space between them. */
export function running(command: string): HostProcess[] {
  return descendants().filter(({ pid }) => commandOf(pid).join(" ") === command);
}

/** Ends the processes below this one that run `command`. */
export function endRunning(command: string): void {
  for (const { pid } of running(command)) {
    try {
      process.kill(pid);
    } catch (error) {
      // One that was ended a moment ago may be gone by now.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** The command line of a process, arguments apart; empty when it is gone. */
export function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}
