import { createHash, randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defaultCompileLimits, type Limits } from "@glovebox/protocol";
import type { Toolchain } from "../languages/toolchain.ts";
import type { Lease } from "../pool/lease.ts";
import { unlessAborted } from "../pool/unless-aborted.ts";
import { unaskedLimits } from "../program/limits.ts";
import { runnersFolder } from "../runners-folder.ts";
import type { Compiler } from "./compiler.ts";
import type { CachedFile, DiskCache } from "./disk-cache.ts";
import { ToolchainKeys } from "./toolchain-keys.ts";

/*
 * What makes the first small program of a language quick: precompiled headers, compiled standard libraries, class data.
 * It is made once for each state of a toolchain, in a sandbox like everything that a compiler does, kept in
 * a disk cache, and placed in the instance's folder, from where the language's sandboxes see it read-only. Each state
 * has a folder of its own, which is filled once and stays: sandboxes that see it may live longer than that state.
 */

export interface WarmFilesSetup {
  /** The instance's folder for such files. */
  readonly folder: string;
  readonly cache: DiskCache | undefined;
  readonly compiler: Compiler;
  readonly keys: ToolchainKeys;
  readonly ceiling: Limits;
  readonly log: (line: string) => void;
}

/** Gives sandboxes in which the files are made. */
export interface WarmPool {
  lease(signal: AbortSignal): Promise<Lease>;
  close(): Promise<void>;
}

/** The key of a language's files in the cache. */
async function warmKey(toolchain: Toolchain, keys: ToolchainKeys): Promise<string> {
  return createHash("sha256")
    .update(`warm ${await keys.of(toolchain)}`)
    .digest("hex");
}

/** True when an instance that starts now has to make nothing for the language. */
export async function isWarm(toolchain: Toolchain, cache: DiskCache): Promise<boolean> {
  if (toolchain.runtime.warm === undefined) return true;
  return (await cache.get(await warmKey(toolchain, new ToolchainKeys(runnersFolder)))) !== undefined;
}

export class WarmFiles {
  readonly #setup: WarmFilesSetup;
  readonly #placed = new Map<string, Promise<string | undefined>>();

  constructor(setup: WarmFilesSetup) {
    this.#setup = setup;
  }

  /**
   * Places the files of a language, making them if need be with a sandbox of the pool that `open` starts. Returns the
   * name of their folder; undefined when the language has none or they could not be made or placed, which costs time
   * only. Rejects as `open` does, and with the reason of `signal`.
   */
  async place(toolchain: Toolchain, open: () => Promise<WarmPool>, signal: AbortSignal): Promise<string | undefined> {
    if (toolchain.runtime.warm === undefined) return undefined;
    const key = await unlessAborted(warmKey(toolchain, this.#setup.keys), signal);
    let placed = this.#placed.get(key);
    if (placed === undefined) {
      placed = this.#place(key, toolchain, open, signal);
      this.#placed.set(key, placed);
      const again = () => this.#placed.delete(key);
      placed.then((name) => name ?? again(), again);
    }
    return placed;
  }

  async #place(
    key: string,
    toolchain: Toolchain,
    open: () => Promise<WarmPool>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { cache, log, folder: parent } = this.#setup;
    const { name, title } = toolchain.runtime;
    const files = (await cache?.get(key))?.files ?? (await this.#make(key, toolchain, open, signal));
    if (files === undefined) return undefined;
    const folderName = `${name}-${key.slice(0, 16)}`;
    const folder = join(parent, folderName);
    try {
      await mkdir(folder);
      for (const { path, data } of files) {
        const place = join(folder, path);
        await mkdir(dirname(place), { recursive: true });
        await writeFile(place, data);
        await chmod(place, 0o444);
      }
      await openFolders(folder);
      return folderName;
    } catch (error) {
      log(`${title}: goes without what its programs start faster with: ${(error as Error).message}`);
      await rm(folder, { recursive: true, force: true });
      return undefined;
    }
  }

  async #make(
    key: string,
    toolchain: Toolchain,
    open: () => Promise<WarmPool>,
    signal: AbortSignal,
  ): Promise<CachedFile[] | undefined> {
    const { runtime } = toolchain;
    const { compiler, ceiling, cache, keys, log } = this.#setup;
    log(`${runtime.title}: making what programs start faster with; this happens once`);
    const pool = await open();
    try {
      const { compilation, folder, cacheable } = await compiler.warm({
        id: randomUUID(),
        toolchain,
        limits: unaskedLimits({ ...defaultCompileLimits, ...runtime.warm?.limits }, ceiling, runtime.floor),
        signal,
        lease: (either) => pool.lease(either),
      });
      signal.throwIfAborted();
      if (folder === undefined) {
        const { outcome, stderr } = compilation;
        log(`${runtime.title}: goes without, because it failed (${JSON.stringify(outcome)}): ${stderr.slice(-500)}`);
        return undefined;
      }
      const files = await readAll(folder).finally(() => rm(folder, { recursive: true, force: true }));
      if ((await warmKey(toolchain, keys)) !== key) {
        log(`${runtime.title}: goes without, because its toolchain was replaced meanwhile`);
        return undefined;
      }
      if (cacheable) await cache?.put(key, { files, note: null });
      return files;
    } finally {
      await pool.close();
    }
  }
}

async function readAll(folder: string): Promise<CachedFile[]> {
  const files: CachedFile[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const place = join(entry.parentPath, entry.name);
    files.push({ path: place.slice(folder.length + 1), data: await readFile(place) });
  }
  return files;
}

/** Lets the sandboxes enter, whatever the umask of this process is. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}
