import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const manager = ["org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"];
const answerTimeoutMs = 5_000;

/** True when this user has a service manager that can be asked. */
export function hasUserManager(): boolean {
  return existsSync(`/run/user/${process.getuid?.()}/systemd/private`) && existsSync("/usr/bin/busctl");
}

/**
 * True when a unit's cgroup is delegated, or when there is no systemd to ask. A unit that is not may be
 * writable all the same, but the first process in it that runs out of memory makes systemd end the unit,
 * with this process in it (OOMPolicy=stop).
 */
export function isDelegatedUnit(cgroupPath: string): boolean {
  const unit = /([^/]+\.(?:scope|service))$/.exec(cgroupPath)?.[1];
  if (unit === undefined || !existsSync("/run/systemd/system") || !existsSync("/usr/bin/systemctl")) return true;
  const ofUser = /\/user@\d+\.service\//.test(cgroupPath);
  try {
    const args = [...(ofUser ? ["--user"] : []), "show", "--property=Delegate", "--value", unit];
    const env = { XDG_RUNTIME_DIR: `/run/user/${process.getuid?.()}` };
    return (
      execFileSync("/usr/bin/systemctl", args, { encoding: "utf8", timeout: answerTimeoutMs, env }).trim() === "yes"
    );
  } catch {
    return false;
  }
}

/**
 * Asks the user's systemd to put this process into a scope of its own that is delegated to the user: the one
 * way in which an ordinary user gets a writable cgroup. False when systemd is not there or refuses.
 */
export function moveIntoDelegatedScope(): boolean {
  if (!hasUserManager()) return false;
  const scope = `glovebox-${process.pid}.scope`;
  const call = [
    ...["--user", "call", ...manager, "StartTransientUnit", "ssa(sv)a(sa(sv))", scope, "fail"],
    ...["2", "PIDs", "au", "1", String(process.pid), "Delegate", "b", "true", "0"],
  ];
  try {
    execFileSync("/usr/bin/busctl", call, {
      stdio: "ignore",
      timeout: answerTimeoutMs,
      env: { XDG_RUNTIME_DIR: `/run/user/${process.getuid?.()}` },
    });
    return true;
  } catch {
    return false;
  }
}
