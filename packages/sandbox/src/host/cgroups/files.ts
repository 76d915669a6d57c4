import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { IdentityPlan } from "../identities.ts";
import type { Mount } from "../mounts.ts";

/** The lines of /proc/self/cgroup: controllers (empty for v2) and path. */
export function readOwnCgroups(
  text = readFileSync("/proc/self/cgroup", "utf8"),
): { controllers: string[]; path: string }[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, controllers = "", ...path] = line.split(":");
      return { controllers: controllers === "" ? [] : controllers.split(","), path: path.join(":") };
    });
}

/** Where a cgroup path is found below its mount, whose root may itself be a cgroup (in a container). */
export function folderOf(mount: Pick<Mount, "root" | "point">, path: string): string {
  const isBelow = mount.root !== "/" && `${path}/`.startsWith(`${mount.root}/`);
  const relative = isBelow ? path.slice(mount.root.length) : path;
  return join(mount.point, relative);
}

export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Makes a cgroup that the nursery's ids can look into, whatever the umask of this process is. */
export function makeFolder(folder: string): void {
  mkdirSync(folder);
  chmodSync(folder, 0o755);
}

export function put(folder: string, file: string, value: string | number): void {
  writeFileSync(join(folder, file), String(value));
}

/** Writes where the kernel has the file; older ones and some controllers lack it. */
export function putIfPresent(folder: string, file: string, value: string | number): void {
  try {
    put(folder, file, value);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EACCES") throw error;
  }
}

/**
 * Lets the nursery's first user id write `cgroup.procs` of a folder. Only root can give a file away; a user opens it
 * to everybody, in a folder that nobody else can enter (see {@link closeFolder}).
 */
export function openProcs(folder: string, plan: IdentityPlan): void {
  const file = join(folder, "cgroup.procs");
  if (plan.mode === "root") chownSync(file, plan.base, plan.gidBase);
  else if (plan.mode === "subordinate") chmodSync(file, 0o666);
}

/** Keeps everybody but its owner out of a folder whose files had to be opened. Root's are not opened. */
export function closeFolder(folder: string): void {
  if (process.getuid?.() !== 0) chmodSync(folder, 0o700);
}

/** Removes an empty cgroup folder; processes that are ending keep it busy for a moment. */
export async function removeFolder(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
      if (code !== "EBUSY") throw error;
      await sleep(Math.min(5 + attempt, 50));
    }
  }
  throw new Error(`cgroup ${folder} is still busy`);
}

/** Removes a cgroup folder with the cgroups in it; `prepare` is called for each before it is removed. */
export async function removeTree(
  folder: string,
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<void> {
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  for (const name of names) await removeTree(join(folder, name), prepare);
  await prepare(folder);
  await removeFolder(folder);
}
