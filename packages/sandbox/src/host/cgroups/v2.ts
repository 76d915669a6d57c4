import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { seenMounts } from "../mounts.ts";
import { isAbandoned } from "../process-identity.ts";
import {
  folderOf,
  isWritable,
  makeFolder,
  openProcs,
  put,
  putIfPresent,
  readOwnCgroups,
  removeFolder,
  removeTree,
} from "./files.ts";
import { type CgroupLimits, type Cgroups, isSame } from "./port.ts";
import { isDelegatedUnit } from "./systemd.ts";

const needed = ["memory", "pids", "cpu"] as const;
const prefix = "glovebox-";
/** The child into which this process moves, because a cgroup with children that are limited may hold no process. */
const hostChild = "glovebox-host";
const period = 100_000;

/** The words of a file, none when it cannot be read. */
function words(path: string): string[] {
  try {
    return readFileSync(path, "utf8").trim().split(/\s+/);
  } catch {
    return [];
  }
}

function has(folder: string, file: "cgroup.controllers" | "cgroup.subtree_control"): boolean {
  const present = words(join(folder, file));
  return needed.every((controller) => present.includes(controller));
}

function enable(folder: string): void {
  if (!has(folder, "cgroup.subtree_control")) {
    put(folder, "cgroup.subtree_control", needed.map((controller) => `+${controller}`).join(" "));
  }
}

/** Moves every process of a delegated cgroup to a child, so that its other children can have limits. */
function vacate(folder: string): void {
  const child = join(folder, hostChild);
  mkdirSync(child, { recursive: true });
  for (let round = 0; round < 10; round++) {
    const pids = readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        put(child, "cgroup.procs", pid);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }
}

/**
 * The cgroups below which this process might make its own, best first. As root of a machine it is the root
 * of the tree; otherwise the cgroup this process was started in, when it was delegated (systemd's
 * `Delegate=yes`, a container's own tree). Changes nothing.
 */
function candidates(): { folder: string; mustBeEmpty: boolean }[] {
  const mount = seenMounts().find((candidate) => candidate.type === "cgroup2");
  const path = readOwnCgroups().find((candidate) => candidate.controllers.length === 0)?.path;
  if (mount === undefined || path === undefined) return [];
  const own = folderOf(mount, path);
  const found = [{ folder: basename(own) === hostChild ? dirname(own) : own, mustBeEmpty: true }];
  // Only the real root of the tree has no cgroup.type; in a container the visible root is like any other.
  if (process.getuid?.() === 0 && !existsSync(join(mount.point, "cgroup.type"))) {
    found.unshift({ folder: mount.point, mustBeEmpty: false });
  }
  const usable = found.filter(
    ({ folder }) => isWritable(folder) && isWritable(join(folder, "cgroup.procs")) && has(folder, "cgroup.controllers"),
  );
  return usable.filter(
    ({ folder, mustBeEmpty }) => !mustBeEmpty || basename(own) === hostChild || isDelegatedUnit(folder),
  );
}

/** True when {@link openParent} is likely to succeed. */
export function canUseV2(): boolean {
  return candidates().length > 0;
}

/** True when the controllers are on a cgroup2 tree at all, whoever may write there. */
export function hasV2(): boolean {
  const mount = seenMounts().find((candidate) => candidate.type === "cgroup2");
  return mount !== undefined && has(mount.point, "cgroup.controllers");
}

/** Arranges the best candidate for children with limits. Returns it, or null when there is none. */
export function openParent(): string | null {
  for (const { folder, mustBeEmpty } of candidates()) {
    try {
      if (mustBeEmpty) vacate(folder);
      enable(folder);
      return folder;
    } catch {
      // Not ours to arrange after all: try the next, or go without.
    }
  }
  return null;
}

function setLimits(folder: string, limits: CgroupLimits): void {
  put(folder, "memory.max", limits.memoryBytes);
  put(folder, "cpu.max", `${Math.round((limits.cpuPercent * period) / 100)} ${period}`);
  put(folder, "pids.max", limits.processes);
}

/** Cgroups of version 2: one tree. */
export function createV2(parent: string, instance: string): Cgroups {
  const root = join(parent, prefix + instance);
  const nursery = join(root, "nursery");
  makeFolder(root);
  enable(root);
  makeFolder(nursery);
  const target = "/run/glovebox/cgroup/unified";
  const current = new Map<string, CgroupLimits>();
  return {
    kind: "v2",
    bindings: [{ source: root, target }],
    delegate(plan) {
      // Moving a process needs the right to write in the closest common ancestor of both cgroups.
      openProcs(root, plan);
      openProcs(nursery, plan);
    },
    adopt: (pid) => put(nursery, "cgroup.procs", pid),
    create(id, limits, plan) {
      const folder = join(root, id);
      makeFolder(folder);
      openProcs(folder, plan);
      setLimits(folder, limits);
      current.set(id, limits);
      putIfPresent(folder, "memory.swap.max", 0);
      putIfPresent(folder, "memory.oom.group", 1);
      return { unified: `${target}/${id}` };
    },
    limit(id, limits) {
      const before = current.get(id);
      if (before !== undefined && isSame(before, limits)) return;
      setLimits(join(root, id), limits);
      current.set(id, limits);
    },
    remove(id) {
      current.delete(id);
      return removeFolder(join(root, id));
    },
    close: () => removeTree(root),
  };
}

/** Removes the cgroups of instances whose process is dead. */
export async function sweepV2(parent: string): Promise<void> {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix) && isAbandoned(name.slice(prefix.length))) await removeTree(join(parent, name));
  }
}
