import type { Limits } from "@glovebox/protocol";
import type { IdentityPlan } from "../identities.ts";

/** The limits that a cgroup enforces. */
export type CgroupLimits = Pick<Limits, "memoryBytes" | "cpuPercent" | "processes">;

export function isSame(a: CgroupLimits, b: CgroupLimits): boolean {
  return a.memoryBytes === b.memoryBytes && a.cpuPercent === b.cpuPercent && a.processes === b.processes;
}

/** A folder of the host's cgroup file system and the place where the nursery sees it. */
export interface CgroupBinding {
  readonly source: string;
  readonly target: string;
}

/**
 * The cgroups of one instance: a folder with one child for the nurseries and one for each sandbox. The host
 * makes them and sets their limits; a runner moves itself in before it gives up its privileges.
 */
export interface Cgroups {
  readonly kind: "v1" | "v2" | "none";
  /** What the nursery must see, writable, to move runners. */
  readonly bindings: readonly CgroupBinding[];
  /** Lets the identities of a nursery move their processes. */
  delegate(plan: IdentityPlan): void;
  /** Moves a process of this user into the nurseries' cgroup. */
  adopt(pid: number): void;
  /** Makes the cgroup of a sandbox. Returns the folders as the nursery sees them, by controller. */
  create(id: string, limits: CgroupLimits, plan: IdentityPlan): Record<string, string>;
  /** Changes the limits of a sandbox. */
  limit(id: string, limits: CgroupLimits): void;
  /** Removes the cgroup of a sandbox whose processes are dead; the kernel may need a moment for it. */
  remove(id: string): Promise<void>;
  /** Removes everything of this instance. */
  close(): Promise<void>;
}

/** For hosts where no cgroup can be written: sampling and resource limits take its place. */
export const noCgroups: Cgroups = {
  kind: "none",
  bindings: [],
  delegate: () => {},
  adopt: () => {},
  create: () => ({}),
  limit: () => {},
  remove: async () => {},
  close: async () => {},
};
