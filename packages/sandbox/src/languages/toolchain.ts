import { accessSync, constants, lstatSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { ProblemError, type Runtime } from "@glovebox/protocol";

/** The programs of a language on this host. */
export interface Toolchain {
  readonly runtime: Runtime;
  /** Placeholder -> absolute path, as sandboxes see it too. */
  readonly tools: Readonly<Record<string, string>>;
  /** The operator's folders of which a tool was taken. */
  readonly folders: readonly string[];
}

const systemFolders = ["/usr/local/bin", "/usr/bin", "/bin"];

/** What sandboxes see of the host without being told. A link in /bin on a merged system leads into /usr. */
const visibleFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib64"];

/** Folders that an operator may not show to sandboxes as a toolchain. */
const neverShown = ["/", "/etc", "/proc", "/sys", "/dev", "/run", "/root", "/home", "/boot", "/var", "/tmp"];

/** Checks the folders that an operator names. Throws `invalid-configuration`. */
export function checkToolchainFolders(folders: readonly string[]): void {
  const errors = folders.flatMap((folder, index) => {
    const message = wrongWith(folder);
    return message === undefined ? [] : [{ field: `toolchains[${index}]`, message: `${folder} ${message}` }];
  });
  if (errors.length === 0) return;
  const detail = errors.map((error) => `${error.field}: ${error.message}`).join("; ");
  throw new ProblemError("invalid-configuration", detail, { errors });
}

function wrongWith(folder: string): string | undefined {
  if (!isAbsolute(folder)) return "must be an absolute path";
  if (neverShown.includes(resolve(folder))) return "may not be shown to sandboxes; name the toolchain's own folder";
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return "is no folder";
  return undefined;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The operator's folder that shows the tool, "" for the system; undefined when sandboxes would not see it. */
function shownBy(path: string, folders: readonly string[]): string | undefined {
  const real = realpathSync(path);
  if (visibleFolders.some((folder) => isBelow(path, folder) && isBelow(real, folder))) return "";
  if (isBelow(real, "/usr")) return "";
  return folders.find((folder) => isBelow(real, realpathSync(folder)) && isBelow(path, folder));
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
  for (const [placeholder, names] of Object.entries(runtime.tools)) {
    const found = findTool(names, folders);
    if (found === undefined) missing.push(names[0] ?? placeholder);
    else {
      tools[placeholder] = found.path;
      if (found.folder !== "") used.add(found.folder);
    }
  }
  if (missing.length > 0) return { missing };
  return { runtime, tools, folders: [...used] };
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

/** What changes when a tool is replaced by another version: where it really is, its size and its time. */
export function toolIdentity(path: string): string {
  const real = realpathSync(path);
  const { size, mtimeMs } = lstatSync(real);
  return `${path} ${real} ${size} ${mtimeMs}`;
}
