import { existsSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { ProblemError, type Runtime } from "@glovebox/protocol";
import { isProgram } from "./is-program.ts";
import { findVirtualEnvironment, wrongForInterpreter } from "./virtual-environments.ts";

/** The programs of a language on this host. */
export interface Toolchain {
  readonly runtime: Runtime;
  /** Placeholder -> absolute path, as sandboxes see it too. */
  readonly tools: Readonly<Record<string, string>>;
  /** The operator's folders of which a tool was taken. */
  readonly folders: readonly string[];
  /** The one of them that is a virtual environment of the language. */
  readonly virtualEnvironment?: string;
  /** Tells it from what was there before a part of it was replaced; see `toolchainState`. */
  readonly state: string;
}

const systemFolders = ["/usr/local/bin", "/usr/bin", "/bin"];

/** What sandboxes see of the host without being told. A link in /bin on a merged system leads into /usr. */
const visibleFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib64"];

/** Folders that an operator may not show to sandboxes as a toolchain, though folders in them may be. */
const neverShown = ["/", "/root", "/home", "/var"];
/** Folders of which nothing may be shown: the host's own, and those in whose place sandboxes have others. */
const neverShownBelow = [
  ...["/etc", "/proc", "/sys", "/dev", "/run", "/boot"],
  ...["/tmp", "/var/tmp", "/mnt", "/workspace", "/glovebox", "/inputs"],
];

/** Checks the folders that an operator names. Throws `invalid-configuration`. */
export function checkToolchainFolders(folders: readonly string[]): void {
  const errors = folders.flatMap((folder, index) => {
    const message = wrongWith(folder) ?? wrongForInterpreter(folder, folders.slice(0, index));
    return message === undefined ? [] : [{ field: `toolchains[${index}]`, message: `${folder} ${message}` }];
  });
  if (errors.length === 0) return;
  const detail = errors.map((error) => `${error.field}: ${error.message}`).join("; ");
  throw new ProblemError("invalid-configuration", detail, { errors });
}

function wrongWith(folder: string): string | undefined {
  if (!isAbsolute(folder)) return "must be an absolute path";
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return "is no folder";
  for (const place of [resolve(folder), realpathSync(folder)]) {
    if (neverShown.includes(place)) return "may not be shown to sandboxes; name the toolchain's own folder";
    const above = neverShownBelow.find((other) => isBelow(place, other));
    if (!isOpen(place)) return "cannot be entered by everybody, and sandboxes run as other users; change its modes";
    if (above !== undefined) return `cannot be shown to sandboxes, because it is in ${above}; use a folder in /opt`;
  }
  return undefined;
}

/** True when everybody may enter the folder and all above it. */
function isOpen(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false;
  return folder === "/" || isOpen(dirname(folder));
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The operator's folder that shows the tool, "" for the system; undefined when sandboxes would not see it. */
function shownBy(path: string, folders: readonly string[]): string | undefined {
  const real = realpathSync(path);
  const ofSystem = (place: string) => visibleFolders.some((folder) => isBelow(place, folder));
  if (ofSystem(path) && ofSystem(real)) return "";
  return folders.find((folder) => isBelow(path, folder) && (isBelow(real, folder) || ofSystem(real)));
}

function findTool(names: readonly string[], folders: readonly string[]): { path: string; folder: string } | undefined {
  const places = [...folders.flatMap((folder) => [join(folder, "bin"), folder]), ...systemFolders];
  for (const place of places) {
    for (const name of names) {
      const path = join(place, name);
      if (!isProgram(path)) continue;
      const folder = shownBy(path, folders);
      if (folder !== undefined) return { path, folder };
    }
  }
  return undefined;
}

/**
 * Looks for the programs of a language: in the operator's folders, then in /usr/local/bin, /usr/bin and /bin.
 * Returns the missing ones by name when there are any. Only programs that sandboxes see count.
 */
export function findToolchain(runtime: Runtime, folders: readonly string[]): Toolchain | { missing: string[] } {
  const tools: Record<string, string> = {};
  const used = new Set<string>();
  const missing: string[] = [];
  // Links inside a folder may name it as it really is, so that is where sandboxes see it.
  const real = folders.filter((folder) => existsSync(folder)).map((folder) => realpathSync(folder));
  for (const [placeholder, names] of Object.entries(runtime.tools)) {
    const found = findTool(names, real);
    if (found === undefined) missing.push(names[0] ?? placeholder);
    else {
      tools[placeholder] = found.path;
      if (found.folder !== "") used.add(found.folder);
    }
  }
  if (missing.length > 0) return { missing };
  const virtualEnvironment = findVirtualEnvironment(runtime, real);
  const shown = [...(virtualEnvironment === undefined ? used : used.add(virtualEnvironment))];
  const state = toolchainState({ tools, folders: shown });
  return { runtime, tools, folders: shown, state, ...(virtualEnvironment === undefined ? {} : { virtualEnvironment }) };
}

/** The command that installs a language, as a person types it in the checkout. */
export function installCommand(runtime: Runtime): string {
  return `./glovebox setup ${runtime.name}`;
}

/** As `findToolchain`. Throws `language-unavailable` with the command that installs what is missing. */
export function requireToolchain(runtime: Runtime, folders: readonly string[]): Toolchain {
  const found = findToolchain(runtime, folders);
  if (!("missing" in found)) return found;
  const command = installCommand(runtime);
  const detail = `${runtime.title} is not installed on this host (missing: ${found.missing.join(", ")}); run: ${command}`;
  throw new ProblemError("language-unavailable", detail, {
    errors: [{ field: "language", message: `run: ${command}` }],
  });
}

/** Of a place that this process may not look at, as of one where nothing is, there is no status. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What changes when a tool is replaced by another version: where it really is, its size and its time. */
export function toolIdentity(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  return `${path} ${status === undefined ? "" : realpathSync(path)} ${status?.size} ${status?.mtimeMs}`;
}

/** What changes when another folder is in the place of an operator's, whatever is in it. */
export function folderIdentity(path: string): string {
  const status = statusOf(path);
  return `${path} ${status?.dev} ${status?.ino}`;
}

/**
 * What changes when sandboxes made earlier would not see the toolchain as it is here: they go on seeing a folder that
 * was replaced. The time of change tells a tool that was installed again in the same version. Every request asks for
 * it, so it takes one look at each tool and folder.
 */
export function toolchainState({ tools, folders }: Pick<Toolchain, "tools" | "folders">): string {
  const ofTool = (path: string) => {
    const status = statusOf(path);
    return `${path} ${status?.dev} ${status?.ino} ${status?.ctimeMs}`;
  };
  return [...Object.values(tools).map(ofTool), ...folders.map(folderIdentity)].join("\n");
}

/** False when a part of it was replaced or removed since it was found. */
export function isCurrent(toolchain: Toolchain): boolean {
  return toolchainState(toolchain) === toolchain.state;
}
