import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Check } from "../api.ts";

/** The text of a file of /proc/sys, or null where this kernel does not have it. */
function setting(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name}`, "utf8").trim();
  } catch {
    return null;
  }
}

const isRoot = () => process.getuid?.() === 0;
const noSandbox = "no user namespace can be made, so no sandbox is made";

/** An empty sandbox as the proof: what bubblewrap says when it cannot be made, or null. */
function trial(): string | null {
  const args = [
    "--unshare-all",
    "--ro-bind",
    "/usr",
    "/usr",
    "--symlink",
    "usr/lib",
    "/lib",
    "--symlink",
    "usr/lib64",
    "/lib64",
  ];
  const result = spawnSync("/usr/bin/bwrap", [...args, "--proc", "/proc", "/usr/bin/true"], {
    encoding: "utf8",
    timeout: 10_000,
  });
  if (result.error !== undefined) return result.error.message;
  return result.status === 0 ? null : result.stderr.trim() || `bubblewrap ended with ${result.status ?? result.signal}`;
}

function userNamespaces(): Check {
  const check = { id: "user-namespaces", title: "user namespaces" };
  const most = setting("user/max_user_namespaces");
  if (most === "0") {
    const fix = "sudo sysctl -w user.max_user_namespaces=15000";
    return { ...check, status: "missing", found: "user.max_user_namespaces is 0", cost: noSandbox, fix };
  }
  if (!isRoot() && setting("kernel/unprivileged_userns_clone") === "0") {
    const fix = "sudo sysctl -w kernel.unprivileged_userns_clone=1";
    return { ...check, status: "missing", found: "kernel.unprivileged_userns_clone is 0", cost: noSandbox, fix };
  }
  const failure = trial();
  if (failure === null)
    return { ...check, status: "ok", found: "bubblewrap made an empty sandbox", cost: "", fix: null };
  return {
    ...check,
    status: "missing",
    found: `bubblewrap could not make an empty sandbox: ${failure}`,
    cost: noSandbox,
    fix: null,
  };
}

/** Ubuntu 23.10 and later take the capabilities from user namespaces of programs without a profile. */
function apparmor(): Check {
  const check = { id: "apparmor", title: "AppArmor's restriction of user namespaces" };
  const restricted = setting("kernel/apparmor_restrict_unprivileged_userns");
  if (restricted !== "1") {
    return { ...check, status: "ok", found: restricted === null ? "not on this kernel" : "off", cost: "", fix: null };
  }
  if (isRoot()) return { ...check, status: "ok", found: "on, which does not concern root", cost: "", fix: null };
  const fix = "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  const found = "kernel.apparmor_restrict_unprivileged_userns is 1";
  return {
    ...check,
    status: "missing",
    found,
    cost: "namespaces of ordinary users have no capabilities, so no sandbox is made",
    fix,
  };
}

function seccomp(): Check {
  const check = { id: "seccomp", title: "filters of system calls (seccomp)" };
  const actions = setting("kernel/seccomp/actions_avail") ?? "";
  const needed = ["errno", "kill_process", "allow"];
  if (needed.every((action) => actions.split(/\s+/).includes(action))) {
    return { ...check, status: "ok", found: `actions: ${actions}`, cost: "", fix: null };
  }
  const cost = "programs could use every system call, so no sandbox is made";
  return {
    ...check,
    status: "missing",
    found: "this kernel is built without seccomp filters",
    cost,
    fix: "use a kernel with CONFIG_SECCOMP_FILTER",
  };
}

/** What the kernel and its configuration must allow. */
export function checkNamespaces(): Check[] {
  return [userNamespaces(), apparmor(), seccomp()];
}
