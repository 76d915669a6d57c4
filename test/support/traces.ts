import { cgroupFolders, runtimeFolders } from "../../packages/sandbox/test/support/leftovers.ts";
import { descendants, type HostProcess, lives } from "../../packages/sandbox/test/support/processes.ts";

/** What one process of Glovebox has on the host: processes below it, cgroups, its runtime folder. */
export interface Traces {
  /** How many processes there were. */
  readonly processes: number;
  /** The processes that still live. */
  living(): string[];
  /** The cgroups and runtime folders that are still there. */
  folders(): string[];
}

/** Looks at a process while it runs, so that what it leaves behind can be told later. */
export function tracesOf(pid: number): Traces {
  const seen: readonly HostProcess[] = descendants(pid);
  return {
    processes: seen.length,
    living: () => seen.filter(lives).map((one) => `${one.pid} (${one.name})`),
    folders: () => [...cgroupFolders(pid), ...runtimeFolders(pid)],
  };
}
