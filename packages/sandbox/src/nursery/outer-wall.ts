import { existsSync, lstatSync, readlinkSync } from "node:fs";
import type { CgroupBinding } from "../host/cgroups/index.ts";
import type { IdentityPlan } from "../host/identities.ts";
import { type InstanceFolder, mountedFromEtc } from "../host/instance-folder.ts";
import type { ReadOnlyBind } from "./language-view.ts";

/** Descriptor with which the launcher is started: the archive of the nursery's modules. */
const archiveDescriptor = 3;

/** Where the nursery sees what the host gives it. All of it is taken out of a sandbox's view. */
export const inside = {
  socket: "/run/glovebox/host.sock",
  /**
   * A warning in Python names the line of the program that it is about, at some distance on the stack. CPython does not
   * count its own machinery, by which it means files with `importlib` and `_bootstrap` in their path, and so not ours.
   */
  runners: "/run/glovebox/importlib_bootstrap.zip",
  inputs: "/inputs",
} as const;

const bubblewrap = "/usr/bin/bwrap";
const python = "/usr/bin/python3";

/** The top-level folders that are links into /usr on a merged system, and folders of their own elsewhere. */
function systemFolders(): string[] {
  const args = ["--ro-bind", "/usr", "/usr"];
  for (const path of ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]) {
    if (!existsSync(path)) continue;
    if (lstatSync(path).isSymbolicLink()) args.push("--symlink", readlinkSync(path), path);
    else args.push("--ro-bind", path, path);
  }
  return args;
}

/** Folders above a place that bubblewrap would make too, but closed to everybody but their owner. */
function parentsOf(place: string): string[] {
  const parts = place.split("/").slice(1, -1);
  if (parts[0] === "usr" || parts[0] === "etc") return [];
  return parts.flatMap((_, depth) => ["--dir", `/${parts.slice(0, depth + 1).join("/")}`]);
}

/**
 * The command line of bubblewrap for one nursery: new namespaces of every kind, a read-only view of the
 * host's /usr, an /etc of our own, no network. The user namespace comes from the launcher.
 */
export function outerWall(
  { forBubblewrap }: InstanceFolder,
  plan: IdentityPlan,
  bindings: readonly CgroupBinding[],
  view: readonly ReadOnlyBind[],
): string[] {
  return [
    bubblewrap,
    ...(plan.mode === "single" ? ["--uid", "0", "--gid", "0"] : []),
    ...["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"],
    ...["--cap-add", "ALL", "--as-pid-1", "--die-with-parent", "--new-session", "--hostname", "sandbox"],
    ...systemFolders(),
    ...["--ro-bind", forBubblewrap.etc, "/etc"],
    ...mountedFromEtc.flatMap((name) => ["--ro-bind", `/etc/${name}`, `/etc/${name}`]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...[
      "--dir",
      "/workspace",
      "--dir",
      "/glovebox",
      "--tmpfs",
      "/tmp",
      "--dir",
      "/mnt",
      "--dir",
      "/var",
      "--symlink",
      "/tmp",
      "/var/tmp",
    ],
    ...["--ro-bind", forBubblewrap.inputs, inside.inputs],
    ...["--tmpfs", "/run"],
    ...["--file", String(archiveDescriptor), inside.runners],
    ...["--ro-bind", forBubblewrap.socket, inside.socket],
    ...view.flatMap(({ source, target }) => [...parentsOf(target), "--ro-bind", source, target]),
    ...bindings.flatMap(({ source, target }) => ["--bind", source, target]),
    ...["--chdir", "/"],
    ...[
      "--",
      python,
      "-I",
      "-B",
      "-c",
      `import sys; sys.path.insert(0, "${inside.runners}"); from nursery.main import main; main()`,
    ],
  ];
}
