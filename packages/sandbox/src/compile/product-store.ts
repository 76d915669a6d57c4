import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Compilation } from "@glovebox/protocol";
import type { CachedFile } from "./disk-cache.ts";

/*
 * The products of compilers that this instance has at hand, as folders below its staged inputs, from where sandboxes
 * mount them read-only. Only this process writes here, so a product is checked once, when it comes from the disk
 * cache, and not again for each run. A product in use is never removed; of the others the longest unused go first.
 */

/** Folder of the products below that of the staged inputs. */
const productsFolder = "products";
const defaultMaxBytes = 512 * 1024 * 1024;
/**
 * A product above this many bytes is not kept on disk. Reading, signing and checking one takes memory and time that all
 * share: 120 MiB took 610 MB and stopped the process for 0.9 s.
 */
const maxCachedBytes = 16 * 1024 * 1024;

export interface Product {
  /** Its place below the folder of staged inputs. */
  readonly staged: string;
  readonly compilation: Compilation;
  /** Must be called once when no sandbox uses it any more. */
  release(): void;
}

interface Kept {
  readonly folder: string;
  readonly bytes: number;
  readonly compilation: Compilation;
  users: number;
}

export class ProductStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #kept = new Map<string, Kept>(); // in the order of their last use
  #bytes = 0;

  constructor(inputsFolder: string, maxBytes = defaultMaxBytes) {
    this.#folder = join(inputsFolder, productsFolder);
    this.#maxBytes = maxBytes;
  }

  /** A product that is at hand. */
  take(key: string): Product | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return this.#hand(kept);
  }

  #hand(kept: Kept): Product {
    kept.users += 1;
    let released = false;
    return {
      staged: `${productsFolder}/${basename(kept.folder)}`,
      compilation: kept.compilation,
      release: () => {
        if (!released) kept.users -= 1;
        released = true;
      },
    };
  }

  /** A new folder for a compiler's output. */
  async workFolder(): Promise<string> {
    const folder = join(this.#folder, randomBytes(16).toString("hex"));
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /**
   * Takes over the folder that a compiler filled; it is removed when that fails. The product is taken already, so that
   * nothing removes it before its first use. `files` are for the disk cache; undefined when they are too large for it.
   * A product without a key is not found again.
   */
  async adopt(
    key: string | undefined,
    folder: string,
    compilation: Compilation,
  ): Promise<{ product: Product; files: CachedFile[] | undefined }> {
    try {
      const places: string[] = [];
      let bytes = 0;
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const place = join(entry.parentPath, entry.name);
        await chmod(place, entry.isDirectory() ? 0o755 : 0o555);
        if (!entry.isFile()) continue;
        places.push(place);
        bytes += (await stat(place)).size;
      }
      let files: CachedFile[] | undefined;
      if (key !== undefined && bytes <= maxCachedBytes) {
        files = [];
        for (const place of places) files.push({ path: place.slice(folder.length + 1), data: await readFile(place) });
      }
      const kept = { folder, bytes, compilation, users: 0 };
      return { product: await this.#keep(key ?? `once ${basename(folder)}`, kept), files };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Makes a product of what the disk cache had. It is taken already. */
  async restore(key: string, files: readonly CachedFile[], compilation: Compilation): Promise<Product> {
    const folder = await this.workFolder();
    try {
      for (const { path, data } of files) {
        const place = join(folder, path);
        for (const made of await makeFolders(folder, dirname(path))) await chmod(made, 0o755);
        await writeFile(place, data, { flag: "wx" });
        await chmod(place, 0o555);
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    const bytes = files.reduce((sum, { data }) => sum + data.length, 0);
    return this.#keep(key, { folder, bytes, compilation, users: 0 });
  }

  async #keep(key: string, kept: Kept): Promise<Product> {
    await chmod(kept.folder, 0o755);
    await chmod(this.#folder, 0o711);
    const earlier = this.take(key);
    if (earlier !== undefined) {
      await rm(kept.folder, { recursive: true, force: true });
      return earlier;
    }
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
    const product = this.#hand(kept);
    await this.#makeRoom();
    return product;
  }

  async #makeRoom(): Promise<void> {
    for (const [key, kept] of [...this.#kept]) {
      if (this.#bytes <= this.#maxBytes) return;
      if (kept.users > 0 || this.#kept.get(key) !== kept) continue;
      this.#kept.delete(key);
      this.#bytes -= kept.bytes;
      await rm(kept.folder, { recursive: true, force: true });
    }
  }
}

/** Makes the folders of a relative path; returns those that are there then, outermost first. */
async function makeFolders(root: string, path: string): Promise<string[]> {
  if (path === ".") return [];
  const made: string[] = [];
  let place = root;
  for (const part of path.split("/")) {
    place = join(place, part);
    await mkdir(place).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST" || !(await stat(place)).isDirectory()) throw error;
    });
    made.push(place);
  }
  return made;
}
