import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type InstanceFolder, mountedFromEtc } from "../host/instance-folder.ts";
import { languageFolders } from "../languages/command.ts";
import { npmPart } from "../languages/npm-part.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import { packageFolder } from "../runners-folder.ts";

/** A place of the host, as bubblewrap sees it, and where the sandboxes of a language see it, read-only. */
export interface ReadOnlyBind {
  readonly source: string;
  readonly target: string;
}

/** Names in /etc that a pattern of a manifest stands for; `*` is any characters. */
function matchEtc(pattern: string): string[] {
  const escaped = pattern.replace(/[.]/g, "\\.").replaceAll("*", ".*");
  const matcher = new RegExp(`^${escaped}$`);
  return readdirSync("/etc").filter((name) => matcher.test(name));
}

/** Makes the place of a mount below the instance's own /etc. */
function makePlace(place: string, isFolder: boolean): void {
  if (existsSync(place)) return;
  if (isFolder) mkdirSync(place);
  else writeFileSync(place, "");
  chmodSync(place, isFolder ? 0o755 : 0o644);
}

/** Copies what a runner uses of npm packages beside it. */
function addPackages(folder: string, entries: readonly string[]): void {
  for (const { name, file } of entries.map(npmPart)) {
    const target = join(folder, "node_modules", name);
    if (existsSync(join(target, file ?? ""))) continue;
    const source = packageFolder(name);
    for (const part of file === undefined ? [""] : ["package.json", file]) {
      cpSync(join(source, part), join(target, part), { recursive: true, dereference: true });
    }
    for (const entry of readdirSync(join(folder, "node_modules"), { recursive: true, withFileTypes: true })) {
      chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
    }
    chmodSync(join(folder, "node_modules"), 0o755);
  }
}

/**
 * What the sandboxes of one language see beyond the common view: its folder and those it shares, its entries of /etc,
 * the operator's folders its tools are in, and `warm`, a folder below the instance's, if it has been made.
 */
export function languageView(folder: InstanceFolder, toolchain: Toolchain, warm: string | undefined): ReadOnlyBind[] {
  const { runtime, folders } = toolchain;
  const shown = folders.map((path) => ({ source: path, target: path }));
  if (runtime.start === "fork") return shown; // the nursery itself is the language
  for (const name of [runtime.name, ...runtime.shares]) folder.addRunners(name);
  addPackages(join(folder.runners, runtime.name), runtime.npm);
  const etc = runtime.etc.flatMap(matchEtc).filter((name) => !mountedFromEtc.includes(name));
  for (const name of etc) makePlace(join(folder.etc, name), statSync(join("/etc", name)).isDirectory());
  return [
    ...etc.map((name) => ({ source: `/etc/${name}`, target: `/etc/${name}` })),
    ...[runtime.name, ...runtime.shares].map((name) => ({
      source: join(folder.forBubblewrap.runners, name),
      target: `${languageFolders.runners}/${name}`,
    })),
    ...shown,
    ...(warm === undefined ? [] : [{ source: join(folder.forBubblewrap.warm, warm), target: languageFolders.warm }]),
  ];
}
