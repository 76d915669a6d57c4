import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import { runnersFolder } from "../runners-folder.ts";
import type { IdentityPlan } from "./identities.ts";
import { isAbandoned } from "./process-identity.ts";

/**
 * The folder of one instance on the host: the socket of the wardens, the staged inputs, copies of the
 * languages' runners and the small /etc that programs see. Nothing in it is ever written by a sandbox.
 */
export interface InstanceFolder extends Places {
  readonly path: string;
  /** The same places as bubblewrap sees them. */
  readonly forBubblewrap: Places;
  /** Copies the runners of a language, once: they stay as they were at its first use. */
  addRunners(language: string): void;
  remove(): void;
}

interface Places {
  readonly socket: string;
  readonly inputs: string;
  readonly runners: string;
  readonly etc: string;
  /** What was made ahead of time for languages, a folder each. */
  readonly warm: string;
}

function placesIn(folder: string): Places {
  return {
    socket: join(folder, "host.sock"),
    inputs: join(folder, "inputs"),
    runners: join(folder, "runners"),
    etc: join(folder, "etc"),
    warm: join(folder, "warm"),
  };
}

/** Where the launcher of a user with subordinate ids mounts the instance's folder; every system has it. */
const launchPoint = "/mnt";
const mostCgroupTrees = 4;
const cgroupPoint = (index: number) => `cgroup-${index}`;

/**
 * What the launcher mounts before it takes a subordinate id, which could not enter the user's folders: pairs of
 * a folder and its place. `sources` are the cgroup folders that bubblewrap is to bind.
 */
export function launchMounts(
  folder: InstanceFolder,
  plan: IdentityPlan,
  sources: readonly string[],
): { mounts: readonly (readonly [string, string])[]; forBubblewrap: readonly string[] } {
  if (plan.mode !== "subordinate") return { mounts: [], forBubblewrap: sources };
  const forBubblewrap = sources.map((_, index) => join(launchPoint, cgroupPoint(index)));
  const cgroups = sources.map((source, index): readonly [string, string] => [source, forBubblewrap[index] ?? ""]);
  return { mounts: [[folder.path, launchPoint], ...cgroups], forBubblewrap };
}

/** Single files of the host's /etc that libraries read and that say nothing about the host's users. */
const copiedFromEtc = [
  "ld.so.cache",
  "localtime",
  "timezone",
  "mime.types",
  "matplotlibrc",
  "debian_version",
  "os-release",
];
/** Folders of the host's /etc that are mounted read-only. */
export const mountedFromEtc = ["alternatives", "fonts"].filter((name) => existsSync(`/etc/${name}`));

/** The folder in which instances have theirs: what was asked for, or one of this user's in the temporary folder. */
export function runtimeRoot(requested: string | undefined): string {
  return resolve(requested ?? join(tmpdir(), `glovebox-${process.getuid?.() ?? 0}`));
}

function privateRoot(requested: string | undefined): string {
  const owner = process.getuid?.() ?? 0;
  const root = runtimeRoot(requested);
  const first = mkdirSync(root, { recursive: true });
  // Whatever the umask of this process is, the nursery's ids must be able to enter.
  for (let made = root; first !== undefined && made.length >= first.length; made = dirname(made))
    chmodSync(made, 0o711);
  const status = lstatSync(root);
  if (!status.isDirectory() || status.uid !== owner || (status.mode & 0o022) !== 0) {
    throw new ProblemError(
      "sandbox-unavailable",
      `runtimeDir: ${root} must be a folder of this user that nobody else can write; remove it or name another`,
    );
  }
  return root;
}

/** Removes what instances left behind whose process is dead. Returns their names. */
export function sweepFolders(requested: string | undefined): string[] {
  const root = privateRoot(requested);
  const abandoned = readdirSync(root).filter(isAbandoned);
  for (const name of abandoned) rmSync(join(root, name), { recursive: true, force: true });
  return abandoned;
}

/** A folder that the nursery's ids may read, whatever the umask of this process is. */
function makeReadable(folder: string): void {
  mkdirSync(folder);
  chmodSync(folder, 0o755);
}

function passwd(plan: IdentityPlan): string {
  const users = plan.mode === "single" ? [] : plan.programIds;
  return [
    "root:x:0:0:root:/workspace:/bin/sh",
    ...users.map((id) => `sandbox:x:${id}:${id}::/workspace:/bin/sh`),
    "",
  ].join("\n");
}

function group(plan: IdentityPlan): string {
  const users = plan.mode === "single" ? [] : plan.programIds;
  return ["root:x:0:", ...users.map((id) => `sandbox:x:${id}:`), ""].join("\n");
}

function writeEtc(folder: string, plan: IdentityPlan): void {
  makeReadable(folder);
  const files = {
    passwd: passwd(plan),
    group: group(plan),
    hosts: "127.0.0.1 localhost sandbox\n::1 localhost\n",
    hostname: "sandbox\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "resolv.conf": "",
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  for (const name of copiedFromEtc) {
    const source = `/etc/${name}`;
    if (statSync(source, { throwIfNoEntry: false })?.isFile() === true) copyFileSync(source, join(folder, name));
  }
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
  for (const name of mountedFromEtc) makeReadable(join(folder, name));
}

function copyRunners(language: string, runners: string): void {
  const target = join(runners, language);
  if (existsSync(target)) return;
  cpSync(join(runnersFolder, language), target, {
    recursive: true,
    filter: (source) => !/(^|\/)(test|testing|__pycache__|node_modules)(\/|$)/.test(source.slice(runnersFolder.length)),
  });
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  chmodSync(target, 0o755);
}

/**
 * Makes the folder of one instance, closed to everybody but its owner. Bubblewrap reads it as the first of the
 * nursery's ids: it is given to that id where this process can give it. A user cannot give folders to a
 * subordinate id; there the launcher mounts the part that bubblewrap needs where that id can reach it, in a
 * view of its own (see `launchMounts`).
 */
export function createInstanceFolder(name: string, requested: string | undefined, plan: IdentityPlan): InstanceFolder {
  const outer = join(privateRoot(requested), name);
  mkdirSync(outer);
  chmodSync(outer, 0o700);
  const mounted = plan.mode === "subordinate";
  const path = mounted ? join(outer, "files") : outer;
  if (mounted) {
    mkdirSync(path);
    chmodSync(path, 0o711);
    for (let index = 0; index < mostCgroupTrees; index++) makeReadable(join(path, cgroupPoint(index)));
  }
  const folder: InstanceFolder = {
    path,
    ...placesIn(path),
    forBubblewrap: placesIn(mounted ? launchPoint : path),
    addRunners: (language) => copyRunners(language, folder.runners),
    remove: () => rmSync(outer, { recursive: true, force: true }),
  };
  // To be entered but not listed: a program sees in /proc/self/mountinfo where its inputs lie on the host.
  mkdirSync(folder.inputs);
  chmodSync(folder.inputs, 0o711);
  makeReadable(folder.warm);
  makeReadable(folder.runners);
  writeEtc(folder.etc, plan);
  if (plan.mode === "root") chownSync(path, plan.base, plan.gidBase);
  return folder;
}
