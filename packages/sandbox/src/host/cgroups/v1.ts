import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { IdentityPlan } from "../identities.ts";
import { seenMounts } from "../mounts.ts";
import { isAbandoned } from "../process-identity.ts";
import {
  closeFolder,
  folderOf,
  isWritable,
  makeFolder,
  openProcs,
  put,
  readOwnCgroups,
  removeFolder,
  removeTree,
} from "./files.ts";
import { type CgroupLimits, type Cgroups, isSame } from "./port.ts";
import { giveUpPages, isClean, setMemoryLimits, socketLimitFile } from "./v1-memory.ts";

const needed = ["memory", "cpu", "cpuacct", "pids"] as const;
const prefix = "glovebox-";
/** Period of the CPU quota in microseconds; the kernel's default. */
const period = 100_000;

/** A cgroup at the top of each tree in which root lets users make their own; `glovebox setup` makes it. */
const delegated = "glovebox";

/** The folders in which this process may make cgroups, by controller, or null when one is missing. */
export function findV1(): Record<string, string> | null {
  const mounts = seenMounts().filter((mount) => mount.type === "cgroup");
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

/** True when the kernel can bound what internet sockets keep in their buffers. */
export function canLimitSockets(): boolean {
  const memory = findV1()?.memory;
  return memory !== undefined && existsSync(join(memory, socketLimitFile));
}

function setLimits(folder: (controller: string) => string, limits: CgroupLimits): void {
  setMemoryLimits(folder("memory"), limits.memoryBytes);
  put(folder("cpu"), "cpu.cfs_quota_us", Math.round((limits.cpuPercent * period) / 100));
  put(folder("pids"), "pids.max", limits.processes);
}

/**
 * Cgroups of version 1: one tree for each controller, or for some of them together.
 *
 * Folders are used again. Making and removing one in four trees waits each time for whoever moves a process
 * meanwhile (measured: 1.5 ms of this process for each sandbox, a tenth of its whole cost). Counters that the
 * kernel cannot reset are read as differences by the warden's gauge.
 */
export function createV1(folders: Record<string, string>, instance: string): Cgroups {
  const tops = [...new Set(Object.values(folders))].map((folder) => join(folder, prefix + instance));
  const roots = Object.fromEntries(
    Object.entries(folders).map(([name, folder]) => [name, join(folder, prefix + instance, "sandboxes")]),
  );
  const distinct = [...new Set(Object.values(roots))];
  for (const top of tops) {
    makeFolder(top);
    closeFolder(top);
    makeFolder(join(top, "nursery"));
    makeFolder(join(top, "sandboxes"));
  }
  const free: string[] = [];
  const used = new Map<string, string>();
  const current = new Map<string, CgroupLimits>();
  let made = 0;
  const at = (slot: string) => (controller: string) => join(roots[controller] ?? "", slot);
  const seen = (root: string) => `/run/glovebox/cgroup/${distinct.indexOf(root)}`;

  const make = (plan: IdentityPlan): string => {
    made += 1;
    const slot = `sandbox-${made}`;
    for (const root of distinct) {
      makeFolder(join(root, slot));
      openProcs(join(root, slot), plan);
    }
    return slot;
  };
  const removeSlot = async (slot: string): Promise<void> => {
    current.delete(slot);
    await giveUpPages(at(slot)("memory"));
    for (const root of distinct) await removeFolder(join(root, slot));
  };
  const apply = (slot: string, limits: CgroupLimits): void => {
    const before = current.get(slot);
    if (before !== undefined && isSame(before, limits)) return;
    setLimits(at(slot), limits);
    current.set(slot, limits);
  };
  return {
    kind: "v1",
    bindings: distinct.map((root) => ({ source: root, target: seen(root) })),
    delegate: () => {},
    adopt(pid) {
      for (const top of tops) put(join(top, "nursery"), "cgroup.procs", pid);
    },
    create(id, limits, plan) {
      const slot = free.pop() ?? make(plan);
      used.set(id, slot);
      apply(slot, limits);
      put(at(slot)("memory"), "memory.max_usage_in_bytes", 0);
      return Object.fromEntries(Object.entries(roots).map(([name, root]) => [name, `${seen(root)}/${slot}`]));
    },
    limit(id, limits) {
      const slot = used.get(id);
      if (slot !== undefined) apply(slot, limits);
    },
    async remove(id) {
      const slot = used.get(id);
      if (slot === undefined) return;
      used.delete(id);
      if (isClean(at(slot)("memory"))) free.push(slot);
      else await removeSlot(slot);
    },
    async close() {
      for (const top of tops) await removeTree(top, giveUpPages);
    },
  };
}

/** Removes the cgroups of instances whose process is dead. */
export async function sweepV1(folders: Record<string, string>): Promise<void> {
  for (const folder of new Set(Object.values(folders))) {
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(prefix) || !isAbandoned(name.slice(prefix.length))) continue;
      await removeTree(join(folder, name), giveUpPages).catch(() => {}); // another user's, who will sweep it
    }
  }
}
