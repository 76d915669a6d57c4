import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Compilation } from "@glovebox/protocol";
import type { CachedFile } from "./disk-cache.ts";

/*
 * The products of compilers that this instance has at hand, as folders below its staged inputs, from where sandboxes
 * mount them read-only. Only this process writes here, so a product is checked once, when it comes from the disk
 * cache, and not again for each run.
 *
 * All products together are kept within a bound, when one comes and when one is not in use any more. One in use is
 * never removed, so that those in use alone may be over it; of the others the longest unused go first. No product is
 * larger than the bound. One without a key goes as soon as it is not in use.
 */

/** Folder of the products below that of the staged inputs. */
const productsFolder = "products";
const defaultMaxBytes = 512 * 1024 * 1024;
/** What the least file and each folder take of a disk: a product may be of thousands of files that hold a byte each. */
const blockBytes = 4096;
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
  /** What it takes of the disk. */
  readonly bytes: number;
  readonly compilation: Compilation;
  users: number;
}

/** Bytes that a file of this size takes of the disk. */
const taken = (size: number) => Math.max(1, Math.ceil(size / blockBytes)) * blockBytes;

export class ProductStore {
  /** Bound of all products together, of which one product alone may have as many bytes. */
  readonly maxBytes: number;
  readonly #folder: string;
  readonly #kept = new Map<string, Kept>(); // in the order of their last use
  readonly #removals = new Set<Promise<void>>();
  #bytes = 0;

  constructor(inputsFolder: string, maxBytes = defaultMaxBytes) {
    this.#folder = join(inputsFolder, productsFolder);
    this.maxBytes = maxBytes;
  }

  /** A product that is at hand. */
  take(key: string): Product | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return this.#hand(kept, () => this.#makeRoom());
  }

  /** Resolves when what was to be removed is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #hand(kept: Kept, unused: () => void): Product {
    kept.users += 1;
    let released = false;
    return {
      staged: `${productsFolder}/${basename(kept.folder)}`,
      compilation: kept.compilation,
      release: () => {
        if (released) return;
        released = true;
        kept.users -= 1;
        if (kept.users === 0) unused();
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
      let onDisk = blockBytes; // the folder
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const place = join(entry.parentPath, entry.name);
        await chmod(place, entry.isDirectory() ? 0o755 : 0o555);
        if (!entry.isFile()) {
          onDisk += blockBytes;
          continue;
        }
        places.push(place);
        const { size } = await stat(place);
        bytes += size;
        onDisk += taken(size);
      }
      let files: CachedFile[] | undefined;
      if (key !== undefined && bytes <= maxCachedBytes) {
        files = [];
        for (const place of places) files.push({ path: place.slice(folder.length + 1), data: await readFile(place) });
      }
      const kept = { folder, bytes: onDisk, compilation, users: 0 };
      return { product: await (key === undefined ? this.#keepForOneUse(kept) : this.#keep(key, kept)), files };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Makes a product of what the disk cache had. It is taken already. */
  async restore(key: string, files: readonly CachedFile[], compilation: Compilation): Promise<Product> {
    const folder = await this.workFolder();
    const folders = new Set([folder]);
    try {
      for (const { path, data } of files) {
        const place = join(folder, path);
        for (const made of await makeFolders(folder, dirname(path))) {
          await chmod(made, 0o755);
          folders.add(made);
        }
        await writeFile(place, data, { flag: "wx" });
        await chmod(place, 0o555);
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    const bytes = files.reduce((sum, { data }) => sum + taken(data.length), folders.size * blockBytes);
    return this.#keep(key, { folder, bytes, compilation, users: 0 });
  }

  async #keep(key: string, kept: Kept): Promise<Product> {
    await this.#open(kept);
    const earlier = this.take(key);
    if (earlier !== undefined) {
      await this.#remove(kept);
      return earlier;
    }
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
    const product = this.#hand(kept, () => this.#makeRoom());
    this.#makeRoom();
    await this.settled();
    return product;
  }

  /** For one use, after which it goes. */
  async #keepForOneUse(kept: Kept): Promise<Product> {
    await this.#open(kept);
    this.#bytes += kept.bytes;
    const product = this.#hand(kept, () => this.#drop(kept));
    this.#makeRoom();
    await this.settled();
    return product;
  }

  async #open(kept: Kept): Promise<void> {
    await chmod(kept.folder, 0o755);
    await chmod(this.#folder, 0o711);
  }

  #makeRoom(): void {
    for (const [key, kept] of this.#kept) {
      if (this.#bytes <= this.maxBytes) return;
      if (kept.users > 0) continue;
      this.#kept.delete(key);
      this.#drop(kept);
    }
  }

  #drop(kept: Kept): void {
    this.#bytes -= kept.bytes;
    const removal = this.#remove(kept).finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  /** What the disk does not let go of is nobody's product any more, and goes with the folder of the instance. */
  async #remove(kept: Kept): Promise<void> {
    await rm(kept.folder, { recursive: true, force: true }).catch(() => {});
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
