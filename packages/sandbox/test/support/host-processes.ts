import { readdirSync, readFileSync } from "node:fs";

interface HostProcess {
  readonly pid: number;
  readonly parent: number;
}

function processes(): HostProcess[] {
  const found: HostProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "latin1");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      found.push({ pid: Number(entry), parent: Number(fields[1]) });
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return found;
}

/** The processes below this one, zombies too: everything that the sandboxes of this process consist of. */
export function descendants(): number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of processes()) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const found: number[] = [];
  const todo = [process.pid];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const below = children.get(next) ?? [];
    found.push(...below);
    todo.push(...below);
  }
  return found;
}

/** Processes anywhere on the host whose command line contains `mark`. */
export function processesWith(mark: string): number[] {
  return processes()
    .map(({ pid }) => pid)
    .filter((pid) => {
      try {
        return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(mark);
      } catch {
        return false;
      }
    });
}
