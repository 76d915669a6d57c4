import { existsSync, readFileSync } from "node:fs";
import type { Check } from "../api.ts";
import { coverOfCgroups, previewCgroups } from "../host/cgroups/index.ts";
import { canLimitSockets } from "../host/cgroups/v1.ts";
import { hasV2 } from "../host/cgroups/v2.ts";
import { accountName, planIdentities } from "../host/identities.ts";
import { seenMounts } from "../host/mounts.ts";

const noCgroups =
  "memory, CPU and processes are limited by sampling and resource limits alone, which are less exact; refused unless waived with --waive cgroups";

const uncountedSockets =
  "what programs leave in the buffers of TCP and UDP is not counted: one of them can fill what the kernel has for all";

/** Whether the kernel can count and limit each sandbox as a whole. */
export function checkCgroups(): Check {
  const check = { id: "cgroups", title: "cgroups, which limit a sandbox as a whole" };
  const kind = previewCgroups();
  if (kind === "v1" && !canLimitSockets()) {
    const found = "version 1, writable, without memory.kmem.tcp.limit_in_bytes";
    return { ...check, status: "degraded", found, cost: uncountedSockets, fix: null };
  }
  if (kind !== "none")
    return { ...check, status: "ok", found: `version ${kind.slice(1)}, writable`, cost: "", fix: null };
  const cover = coverOfCgroups();
  if (cover !== undefined) {
    const found = `a file system of type ${cover.type} is mounted over the cgroups in ${cover.folder}`;
    return { ...check, status: "missing", found, cost: noCgroups, fix: `sudo umount ${cover.folder}` };
  }
  if (hasV2()) {
    const fix = `sudo loginctl enable-linger ${accountName() ?? process.getuid?.()}   # then log in again: systemd delegates cgroups to its users`;
    return {
      ...check,
      status: "missing",
      found: "version 2, but nothing is delegated to this user",
      cost: noCgroups,
      fix,
    };
  }
  if (!seenMounts().some(({ type }) => type === "cgroup" || type === "cgroup2")) {
    const fix = "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup";
    return { ...check, status: "missing", found: "no cgroups are mounted in /sys/fs/cgroup", cost: noCgroups, fix };
  }
  const found = existsSync("/sys/fs/cgroup/memory")
    ? "version 1, but not writable by this user"
    : "no usable cgroup tree";
  return {
    ...check,
    status: "missing",
    found,
    cost: noCgroups,
    fix: "sudo ./glovebox setup   # lets users make cgroups of their own",
  };
}

/** A range of subordinate ids that no line of /etc/subuid or /etc/subgid covers yet. */
function freeRange(): string {
  let first = 100_000;
  for (const file of ["/etc/subuid", "/etc/subgid"]) {
    if (!existsSync(file)) continue;
    for (const line of readFileSync(file, "utf8").split("\n")) {
      const [, base, count] = line.split(":").map(Number);
      if (base !== undefined && count !== undefined && base + count > first) first = base + count;
    }
  }
  return `${first}-${first + 65_535}`;
}

const sharedId =
  "all sandboxes share this user's id: a wall between neighbours less; refused unless waived with --waive separate-uids";

/** Whether sandboxes can run as users of their own. */
export function checkIdentities(): Check {
  const check = { id: "subordinate-uids", title: "user ids of their own for sandboxes" };
  const plan = planIdentities();
  if (plan.mode === "root") {
    return { ...check, status: "ok", found: `an unused range of host ids from ${plan.base}`, cost: "", fix: null };
  }
  if (plan.mode === "subordinate") {
    return { ...check, status: "ok", found: `subordinate ids from ${plan.base}`, cost: "", fix: null };
  }
  const name = accountName();
  if (name === null) {
    const uid = process.getuid?.();
    const fix = `sudo useradd --uid ${uid} glovebox-${uid}   # newuidmap serves users with a name alone`;
    return { ...check, status: "missing", found: `user id ${uid} has no entry in passwd`, cost: sharedId, fix };
  }
  const tool = existsSync("/usr/bin/newuidmap");
  const fix = tool
    ? `sudo usermod --add-subuids ${freeRange()} --add-subgids ${freeRange()} ${name}`
    : "sudo apt-get install -y uidmap";
  return {
    ...check,
    status: "missing",
    found: tool ? `/etc/subuid and /etc/subgid give ${name} no range of 2000 ids` : "newuidmap is not installed",
    cost: sharedId,
    fix,
  };
}
