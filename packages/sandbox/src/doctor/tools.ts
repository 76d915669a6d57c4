import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { release } from "node:os";
import type { Check } from "../api.ts";

const oldestPython = [3, 10];
const oldestKernel = [5, 12];
const oldestBubblewrap = [0, 5];

/** The first version number in the output of a command, or null when it cannot be run. */
function versionOf(command: readonly string[]): string | null {
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });
  if (result.error !== undefined || result.status !== 0) return null;
  return /\d+(\.\d+)+/.exec(`${result.stdout} ${result.stderr}`)?.[0] ?? null;
}

/** True when `version` is at least `oldest`, part by part. */
function isAtLeast(version: string, oldest: readonly number[]): boolean {
  const parts = version.split(/[^\d]+/).map(Number);
  for (const [index, wanted] of oldest.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function tool(
  id: string,
  title: string,
  path: string,
  oldest: readonly number[],
  packageName: string,
  cost: string,
): Check {
  const version = existsSync(path) ? versionOf([path, "--version"]) : null;
  const fix = `sudo apt-get install -y ${packageName}`;
  if (version === null) return { id, title, status: "missing", found: `${path} is not installed`, cost, fix };
  const wanted = oldest.join(".");
  if (!isAtLeast(version, oldest)) {
    return { id, title, status: "missing", found: `version ${version}, at least ${wanted} is needed`, cost, fix };
  }
  return { id, title, status: "ok", found: `version ${version}`, cost: "", fix: null };
}

function library(): Check {
  const folders = [
    "/usr/lib",
    "/lib",
    "/usr/lib64",
    ...(existsSync("/usr/lib") ? readdirSync("/usr/lib").map((name) => `/usr/lib/${name}`) : []),
  ];
  const place = folders.find((folder) => existsSync(`${folder}/libseccomp.so.2`));
  const check = { id: "libseccomp", title: "libseccomp, which builds the filters" };
  if (place !== undefined) return { ...check, status: "ok", found: `${place}/libseccomp.so.2`, cost: "", fix: null };
  const cost = "no filter of system calls can be built, so no sandbox is made";
  return {
    ...check,
    status: "missing",
    found: "libseccomp.so.2 is not installed",
    cost,
    fix: "sudo apt-get install -y libseccomp2",
  };
}

function kernel(): Check {
  const version = release();
  const check = { id: "kernel", title: "Linux kernel" };
  if (process.platform === "linux" && isAtLeast(version, oldestKernel)) {
    return { ...check, status: "ok", found: version, cost: "", fix: null };
  }
  const cost = "the view of a sandbox cannot be made read-only in one step (mount_setattr), so no sandbox is made";
  return {
    ...check,
    status: "missing",
    found: `${process.platform} ${version}`,
    cost,
    fix: `use Linux ${oldestKernel.join(".")} or newer`,
  };
}

/** The programs and libraries that both walls are made with. */
export function checkTools(): Check[] {
  return [
    kernel(),
    tool(
      "bubblewrap",
      "bubblewrap, the outer wall",
      "/usr/bin/bwrap",
      oldestBubblewrap,
      "bubblewrap",
      "there is no outer wall, so no sandbox is made",
    ),
    tool(
      "python",
      "Python, in which nursery and warden are written",
      "/usr/bin/python3",
      oldestPython,
      "python3",
      "there is no inner wall, so no sandbox is made",
    ),
    library(),
  ];
}
