import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import { runnersFolder } from "../runners-folder.ts";
import type { IdentityPlan } from "./identities.ts";
import { isAbandoned } from "./process-identity.ts";

/**
 * The folder of one instance on the host: the socket of the wardens, the staged inputs, a copy of the
 * runners and the small /etc that programs see. Nothing in it is ever written by a sandbox.
 */
export interface InstanceFolder {
  readonly path: string;
  readonly socket: string;
  readonly inputs: string;
  readonly runners: string;
  readonly etc: string;
  remove(): void;
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

function privateRoot(requested: string | undefined): string {
  const owner = process.getuid?.() ?? 0;
  const root = requested ?? join(tmpdir(), `glovebox-${owner}`);
  mkdirSync(root, { recursive: true, mode: 0o711 });
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
    if (existsSync(`/etc/${name}`)) cpSync(`/etc/${name}`, join(folder, name), { dereference: true });
  }
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
  for (const name of mountedFromEtc) makeReadable(join(folder, name));
}

/**
 * Makes the folder of one instance. Bubblewrap enters it as the first of the nursery's ids: it is given to
 * that id where this process can give it. A user cannot give folders to a subordinate id; there a name that
 * nobody can list or guess keeps other users of the host out.
 */
export function createInstanceFolder(name: string, requested: string | undefined, plan: IdentityPlan): InstanceFolder {
  const outer = join(privateRoot(requested), name);
  const hidden = plan.mode === "subordinate";
  mkdirSync(outer);
  chmodSync(outer, hidden ? 0o711 : 0o700);
  const path = hidden ? join(outer, randomBytes(16).toString("hex")) : outer;
  if (hidden) mkdirSync(path);
  if (hidden) chmodSync(path, 0o711);
  const folder: InstanceFolder = {
    path,
    socket: join(path, "host.sock"),
    inputs: join(path, "inputs"),
    runners: join(path, "runners"),
    etc: join(path, "etc"),
    remove: () => rmSync(outer, { recursive: true, force: true }),
  };
  makeReadable(folder.inputs);
  cpSync(runnersFolder, folder.runners, {
    recursive: true,
    filter: (source) => !/(^|\/)(test|__pycache__)(\/|$)/.test(source.slice(runnersFolder.length)),
  });
  for (const entry of readdirSync(folder.runners, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  chmodSync(folder.runners, 0o755);
  writeEtc(folder.etc, plan);
  if (plan.mode === "root") chownSync(path, plan.base, plan.gidBase);
  return folder;
}
