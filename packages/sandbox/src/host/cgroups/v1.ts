import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { IdentityPlan } from "../identities.ts";
import { isAbandoned } from "../process-identity.ts";
import { folderOf, isWritable, openProcs, put, putIfPresent, readMounts, readOwnCgroups, removeFolder, removeTree } from "./files.ts";
import type { CgroupLimits, Cgroups } from "./port.ts";

const needed = ["memory", "cpu", "cpuacct", "pids"] as const;
const prefix = "glovebox-";
/** Period of the CPU quota in microseconds; the kernel's default. */
const period = 100_000;

/** A cgroup at the top of each tree in which root lets users make their own; `glovebox setup` makes it. */
const delegated = "glovebox";

/** The folders in which this process may make cgroups, by controller, or null when one is missing. */
export function findV1(): Record<string, string> | null {
  const mounts = readMounts().filter((mount) => mount.type === "cgroup");
  const own = readOwnCgroups();
  const folders: Record<string, string> = {};
  for (const controller of needed) {
    const mount = mounts.find((candidate) => candidate.options.includes(controller));
    const path = own.find((candidate) => candidate.controllers.includes(controller))?.path;
    if (mount === undefined || path === undefined) return null;
    const folder = [folderOf(mount, path), join(mount.point, delegated)].find(isWritable);
    if (folder === undefined) return null;
    folders[controller] = folder;
  }
  return folders;
}

function setLimits(folder: (controller: string) => string, limits: CgroupLimits): void {
  // The sum of memory and swap may never be below memory: write it last when lowering and first when raising.
  const memory = folder("memory");
  try {
    put(memory, "memory.limit_in_bytes", limits.memoryBytes);
  } catch {
    putIfPresent(memory, "memory.memsw.limit_in_bytes", limits.memoryBytes);
    put(memory, "memory.limit_in_bytes", limits.memoryBytes);
  }
  putIfPresent(memory, "memory.memsw.limit_in_bytes", limits.memoryBytes);
  put(folder("cpu"), "cpu.cfs_quota_us", Math.round((limits.cpuPercent * period) / 100));
  put(folder("pids"), "pids.max", limits.processes);
}

/** Cgroups of version 1: one tree for each controller, or for some of them together. */
export function createV1(folders: Record<string, string>, instance: string): Cgroups {
  const roots = Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, join(folder, prefix + instance)]));
  const distinct = [...new Set(Object.values(roots))];
  for (const root of distinct) {
    mkdirSync(root);
    mkdirSync(join(root, "nursery"));
  }
  const at = (id: string) => (controller: string) => join(roots[controller] ?? "", id);
  const seen = (root: string) => `/run/glovebox/cgroup/${distinct.indexOf(root)}`;
  return {
    kind: "v1",
    bindings: distinct.map((root) => ({ source: root, target: seen(root) })),
    delegate: () => {},
    adopt(pid) {
      for (const root of distinct) put(join(root, "nursery"), "cgroup.procs", pid);
    },
    create(id, limits, plan: IdentityPlan) {
      for (const root of distinct) {
        mkdirSync(join(root, id));
        openProcs(join(root, id), plan);
      }
      setLimits(at(id), limits);
      return Object.fromEntries(Object.entries(roots).map(([name, root]) => [name, `${seen(root)}/${id}`]));
    },
    limit: (id, limits) => setLimits(at(id), limits),
    async remove(id) {
      for (const root of distinct) await removeFolder(join(root, id));
    },
    async close() {
      for (const root of distinct) await removeTree(root);
    },
  };
}

/** Removes the cgroups of instances whose process is dead. */
export async function sweepV1(folders: Record<string, string>): Promise<void> {
  for (const folder of new Set(Object.values(folders))) {
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(prefix) || !isAbandoned(name.slice(prefix.length))) continue;
      await removeTree(join(folder, name)).catch(() => {}); // another user's, who will sweep it
    }
  }
}
