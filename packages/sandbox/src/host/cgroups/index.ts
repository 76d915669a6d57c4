import { setTimeout as sleep } from "node:timers/promises";
import { coveredMounts } from "../mounts.ts";
import { type Cgroups, noCgroups } from "./port.ts";
import { hasUserManager, moveIntoDelegatedScope } from "./systemd.ts";
import { createV1, findV1, sweepV1 } from "./v1.ts";
import { canUseV2, createV2, hasV2, openParent, sweepV2 } from "./v2.ts";

export type { CgroupBinding, CgroupLimits, Cgroups } from "./port.ts";
export { noCgroups } from "./port.ts";

/** What {@link openCgroups} will find here, without changing anything. */
export function previewCgroups(): Cgroups["kind"] {
  if (canUseV2() || (hasV2() && process.getuid?.() !== 0 && hasUserManager())) return "v2";
  return findV1() === null ? "none" : "v1";
}

/** The folder and the type of a mount that lies over the trees of cgroups; undefined when none does. */
export function coverOfCgroups(covered = coveredMounts()): { folder: string; type: string } | undefined {
  const cover = covered.find(({ type }) => type === "cgroup" || type === "cgroup2")?.cover;
  return cover && { folder: cover.point, type: cover.type };
}

const scopeRounds = 50;
const scopePauseMs = 10;

/** Gets an ordinary user a delegated cgroup from systemd; the move happens a moment after the answer. */
async function waitForScope(): Promise<void> {
  if (!hasV2() || process.getuid?.() === 0 || !moveIntoDelegatedScope()) return;
  for (let round = 0; round < scopeRounds && !canUseV2(); round++) await sleep(scopePauseMs);
}

/**
 * Sweeps what dead instances left and makes the cgroups of this one; v2 is preferred where its controllers
 * are, and where no cgroup can be written the answer does without.
 */
export async function openCgroups(instance: string): Promise<Cgroups> {
  if (!canUseV2()) await waitForScope();
  const parent = openParent();
  if (parent !== null) {
    await sweepV2(parent);
    return createV2(parent, instance);
  }
  const folders = findV1();
  if (folders !== null) {
    await sweepV1(folders);
    return createV1(folders, instance);
  }
  return noCgroups;
}
