import { type Cgroups, noCgroups } from "./port.ts";
import { createV1, findV1, sweepV1 } from "./v1.ts";
import { createV2, findV2, sweepV2 } from "./v2.ts";

export type { CgroupBinding, CgroupLimits, Cgroups } from "./port.ts";
export { noCgroups } from "./port.ts";

/** Which version can be used here; v2 is preferred where its controllers are. */
export function findCgroups(): { kind: "v1"; folders: Record<string, string> } | { kind: "v2"; folder: string } | { kind: "none" } {
  const folder = findV2();
  if (folder !== null) return { kind: "v2", folder };
  const folders = findV1();
  if (folders !== null) return { kind: "v1", folders };
  return { kind: "none" };
}

/** Sweeps what dead instances left and makes the cgroups of this one; `none` where no cgroup can be written. */
export async function openCgroups(instance: string): Promise<Cgroups> {
  const found = findCgroups();
  if (found.kind === "v2") {
    await sweepV2(found.folder);
    return createV2(found.folder, instance);
  }
  if (found.kind === "v1") {
    await sweepV1(found.folders);
    return createV1(found.folders, instance);
  }
  return noCgroups;
}
