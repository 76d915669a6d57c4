import { createHash, randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defaultCompileLimits, type Limits } from "@glovebox/protocol";
import { toolchainKey } from "../compile/compile-key.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { CachedFile, DiskCache } from "../compile/disk-cache.ts";
import type { Pool } from "../pool/pool.ts";
import { mergeLimits } from "../run/limits.ts";
import type { Toolchain } from "./toolchain.ts";

/*
 * What makes the first small program of a language quick: precompiled headers, compiled standard libraries, class data.
 * It is made once for each state of a toolchain, in a sandbox like everything that a compiler does, kept in
 * a disk cache, and placed in the instance's folder, from where the language's sandboxes see it read-only.
 */

export interface WarmFilesSetup {
  /** The instance's folder for such files. */
  readonly folder: string;
  readonly cache: DiskCache | undefined;
  readonly compiler: Compiler;
  readonly ceiling: Limits;
  readonly log: (line: string) => void;
}

/** The key of a language's files in the cache. */
async function warmKey(toolchain: Toolchain): Promise<string> {
  return createHash("sha256")
    .update(`warm ${await toolchainKey(toolchain)}`)
    .digest("hex");
}

/** True when nothing has to be made for the language. */
export async function isWarm(toolchain: Toolchain, cache: DiskCache): Promise<boolean> {
  return toolchain.runtime.warm === undefined || (await cache.get(await warmKey(toolchain))) !== undefined;
}

export class WarmFiles {
  readonly #setup: WarmFilesSetup;

  constructor(setup: WarmFilesSetup) {
    this.#setup = setup;
  }

  /**
   * Places the files of a language, making them if need be with a sandbox of the pool that `open` starts. Returns the
   * name of their folder; undefined when the language has none or they could not be made, which costs time only.
   */
  async place(toolchain: Toolchain, open: () => Promise<Pool>): Promise<string | undefined> {
    const { runtime } = toolchain;
    if (runtime.warm === undefined) return undefined;
    const key = await warmKey(toolchain);
    const files = (await this.#setup.cache?.get(key))?.files ?? (await this.#make(key, toolchain, open));
    if (files === undefined) return undefined;
    const folder = join(this.#setup.folder, runtime.name);
    await rm(folder, { recursive: true, force: true }); // of an earlier attempt, after which no sandbox could be made
    await mkdir(folder);
    for (const { path, data } of files) {
      const place = join(folder, path);
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, data);
      await chmod(place, 0o444);
    }
    await openFolders(folder);
    return runtime.name;
  }

  async #make(key: string, toolchain: Toolchain, open: () => Promise<Pool>): Promise<CachedFile[] | undefined> {
    const { runtime } = toolchain;
    const { compiler, ceiling, cache, log } = this.#setup;
    log(`${runtime.title}: making what programs start faster with; this happens once`);
    const pool = await open();
    let files: CachedFile[] | undefined;
    try {
      const { compilation, folder } = await compiler.warm({
        id: randomUUID(),
        toolchain,
        limits: mergeLimits(undefined, { ...defaultCompileLimits, ...runtime.warm?.limits }, ceiling, runtime.floor),
        signal: new AbortController().signal,
        acquire: (signal) => pool.acquire(signal),
        released: () => {},
      });
      const { outcome, stderr } = compilation;
      if (outcome.kind === "exited" && outcome.code === 0) {
        files = await readAll(folder);
        await cache?.put(key, { files, note: null });
      } else
        log(`${runtime.title}: goes without, because it failed (${JSON.stringify(outcome)}): ${stderr.slice(-500)}`);
      await rm(folder, { recursive: true, force: true });
    } finally {
      await pool.close();
    }
    return files;
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
