import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Compilation } from "@glovebox/protocol";
import type { CachedFile } from "./disk-cache.ts";

/*
 * The products of compilers that this instance has at hand, as folders below its staged inputs, from where sandboxes
 * mount them read-only. Only this process writes here, so a product is checked once, when it comes from the disk
 * cache, and not again for each run. A product in use is never removed; of the others the longest unused go first.
 */

/** Folder of the products below that of the staged inputs. */
export const productsFolder = "products";
const maxBytes = 512 * 1024 * 1024;

export interface Product {
  /** Its place below the folder of staged inputs. */
  readonly staged: string;
  readonly compilation: Compilation;
  /** Must be called once when no sandbox uses it any more. */
  release(): void;
}

interface Kept {
  readonly bytes: number;
  readonly compilation: Compilation;
  users: number;
}

export class ProductStore {
  readonly #folder: string;
  readonly #kept = new Map<string, Kept>(); // in the order of their last use
  #bytes = 0;

  constructor(inputsFolder: string) {
    this.#folder = join(inputsFolder, productsFolder);
  }

  /** A product that is at hand. */
  take(key: string): Product | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    kept.users += 1;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return {
      staged: `${productsFolder}/${key}`,
      compilation: kept.compilation,
      release: () => {
        kept.users -= 1;
      },
    };
  }

  /** A new folder for a compiler's output. */
  async workFolder(): Promise<string> {
    const folder = join(this.#folder, `work-${randomBytes(8).toString("hex")}`);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Takes over the folder that a compiler filled. Returns its files, for the disk cache. */
  async adopt(key: string, folder: string, compilation: Compilation): Promise<CachedFile[]> {
    const files: CachedFile[] = [];
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const place = join(entry.parentPath, entry.name);
      await chmod(place, entry.isDirectory() ? 0o755 : 0o555);
      if (entry.isFile()) files.push({ path: place.slice(folder.length + 1), data: await readFile(place) });
    }
    await this.#keep(key, folder, files, compilation);
    return files;
  }

  /** Makes a product of what the disk cache had. */
  async restore(key: string, files: readonly CachedFile[], compilation: Compilation): Promise<void> {
    const folder = await this.workFolder();
    for (const { path, data } of files) {
      const place = join(folder, path);
      for (const made of await makeFolders(folder, dirname(path))) await chmod(made, 0o755);
      await writeFile(place, data, { flag: "wx" });
      await chmod(place, 0o555);
    }
    await this.#keep(key, folder, files, compilation);
  }

  async #keep(key: string, folder: string, files: readonly CachedFile[], compilation: Compilation): Promise<void> {
    await chmod(folder, 0o755);
    await chmod(this.#folder, 0o711);
    if (this.#kept.has(key)) {
      await rm(folder, { recursive: true, force: true }); // another run was quicker
      return;
    }
    const bytes = files.reduce((sum, { data }) => sum + data.length, 0);
    await rename(folder, join(this.#folder, key));
    this.#kept.set(key, { bytes, compilation, users: 0 });
    this.#bytes += bytes;
    await this.#makeRoom();
  }

  async #makeRoom(): Promise<void> {
    for (const [key, { users, bytes }] of [...this.#kept].slice(0, -1)) {
      if (this.#bytes <= maxBytes) return;
      if (users > 0) continue;
      this.#kept.delete(key);
      this.#bytes -= bytes;
      await rm(join(this.#folder, key), { recursive: true, force: true });
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
