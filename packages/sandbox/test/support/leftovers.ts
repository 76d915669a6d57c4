import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { folderOf, readOwnCgroups } from "../../src/host/cgroups/files.ts";
import { readMounts } from "../../src/host/mounts.ts";
import { patience } from "./host-slowness.ts";
import { allProcesses, descendants, type HostProcess, lives } from "./processes.ts";

/** Host uids of the sandboxes of a process that root started: `identities.ts` takes them by the process id. */
function ownIds(pid: number): { first: number; last: number } {
  const first = 1_900_000_000 + (pid % 65_536) * 2_048;
  return { first, last: first + 2_047 };
}

function cgroupParents(): string[] {
  const own = readOwnCgroups();
  const folders = readMounts()
    .filter((mount) => mount.type === "cgroup" || mount.type === "cgroup2")
    .flatMap((mount) => {
      const paths = own.filter(
        ({ controllers }) =>
          (controllers.length === 0 && mount.type === "cgroup2") ||
          controllers.some((name) => mount.options.includes(name)),
      );
      const owned = paths.map(({ path }) => folderOf(mount, path));
      return [mount.point, join(mount.point, "glovebox"), ...owned, ...owned.map((folder) => join(folder, ".."))];
    });
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

/** The cgroup folders of the instances of one host process. */
export function cgroupFolders(pid = process.pid): string[] {
  const found = cgroupParents().flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.startsWith(`glovebox-${pid}-`))
      .map((name) => join(parent, name)),
  );
  return [...new Set(found)];
}

/** The default place of the runtime folders of this user. */
export const runtimeRoot = join(tmpdir(), `glovebox-${process.getuid?.() ?? 0}`);

/** The runtime folders of the instances of one host process. */
export function runtimeFolders(pid = process.pid, root = runtimeRoot): string[] {
  return existsSync(root) ? readdirSync(root).filter((name) => name.startsWith(`${pid}-`)) : [];
}

/** The descriptors of this process that name a file, socket, pipe or process of the sandboxes. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/**
 * Watches this process from now on: what it starts, mounts and makes. {@link Watch.leftovers} says what of
 * it is still there.
 */
export class Watch {
  readonly #before = new Set(descendants().map((one) => one.pid));
  readonly #mounts = readFileSync("/proc/self/mountinfo", "utf8");
  readonly #seen = new Map<string, HostProcess>();

  /** Remembers the processes that live now, so that they are found when they lose their parents later. */
  note(): void {
    for (const one of descendants()) {
      if (!this.#before.has(one.pid)) this.#seen.set(`${one.pid}-${one.start}`, one);
    }
  }

  #now(): string[] {
    this.note();
    const { first, last } = ownIds(process.pid);
    const byId = process.getuid?.() === 0 ? allProcesses().filter(({ uid }) => uid >= first && uid <= last) : [];
    const processes = [...this.#seen.values(), ...byId].filter(lives);
    const mounts = readFileSync("/proc/self/mountinfo", "utf8");
    return [
      ...processes.map(({ pid, name }) => `process ${pid} (${name})`),
      ...cgroupFolders().map((folder) => `cgroup ${folder}`),
      ...runtimeFolders().map((folder) => `folder ${folder}`),
      ...(mounts === this.#mounts ? [] : [`mounts: ${mounts}`]),
    ];
  }

  /** What is still there after a moment; empty when all of it has gone. */
  async leftovers(): Promise<string[]> {
    const deadline = Date.now() + patience.timeout;
    let left = this.#now();
    while (left.length > 0 && Date.now() < deadline) {
      await sleep(50);
      left = this.#now();
    }
    return left;
  }
}
