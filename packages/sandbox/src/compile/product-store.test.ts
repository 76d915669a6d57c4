import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Compilation } from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CachedFile } from "./disk-cache.ts";
import { ProductStore } from "./product-store.ts";

const block = 4096;
let inputs = "";
let store: ProductStore;
beforeEach(() => {
  inputs = mkdtempSync(join(tmpdir(), "glovebox-products-"));
  store = new ProductStore(inputs, 10 * block);
});
afterEach(() => rmSync(inputs, { recursive: true, force: true }));

const compilation: Compilation = {
  cached: false,
  outcome: { kind: "exited", code: 0, stage: "compile", violations: [] },
  stdout: "",
  stderr: "a warning",
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, startMs: 1, queueMs: 1 },
};

/** Fills a work folder as a compiler would and hands it over. */
async function adopt(key: string, files: Record<string, string>) {
  const folder = await store.workFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: 0o600 });
  }
  return store.adopt(key, folder, compilation);
}

/** The file of a product that takes so many blocks, two at least: one is its folder's. */
const filling = (blocks: number) => ({ program: "x".repeat((blocks - 1) * block) });

/** Makes a product of so many blocks that nobody uses. */
async function leave(key: string, blocks: number): Promise<void> {
  (await adopt(key, filling(blocks))).product.release();
  await store.settled();
}

/** Blocks that all products take. */
function blocksThere(): number {
  const entries = readdirSync(join(inputs, "products"), { recursive: true, withFileTypes: true });
  const sizes = entries.map((entry) => (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0));
  return sizes.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / block)), 0);
}

const cached = (path: string, content: string): CachedFile => ({ path, data: Buffer.from(content) });
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
/** What of a product is there: path -> content. */
function contentOf(staged: string): Record<string, string> {
  const root = join(inputs, staged);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(root.length + 1),
      readFileSync(join(parentPath, name), "utf8"),
    ]),
  );
}
const atHand = (...keys: string[]) =>
  keys.filter((key) => {
    const product = store.take(key);
    product?.release();
    return product !== undefined;
  });

describe("the product of a compiler", () => {
  it("is not there before somebody made it", () => {
    expect(store.take("a")).toBeUndefined();
  });

  it("is taken over with its files, which come back for the disk cache", async () => {
    const { product, files } = await adopt("a", { program: "binary", "lib/deep/part": "part", empty: "" });
    expect(contentOf(product.staged)).toEqual({ program: "binary", "lib/deep/part": "part", empty: "" });
    expect(product.compilation).toBe(compilation);
    const sorted = [...(files ?? [])].sort((one, other) => (one.path < other.path ? -1 : 1));
    expect(sorted).toEqual([cached("empty", ""), cached("lib/deep/part", "part"), cached("program", "binary")]);
  });

  it("is restored from the disk cache as it was", async () => {
    const product = await store.restore(
      "a",
      [cached("program", "binary"), cached("lib/deep/part", "part")],
      compilation,
    );
    expect(contentOf(product.staged)).toEqual({ program: "binary", "lib/deep/part": "part" });
    expect(product.compilation).toBe(compilation);
  });

  it.each([0o000, 0o077])(
    "can be read, entered and executed by everybody, and written by nobody, with umask %o",
    async (umask) => {
      const before = process.umask(umask);
      try {
        const made = [
          (await adopt("a", { program: "", "lib/part": "" })).product,
          await store.restore("b", [cached("program", ""), cached("lib/part", "")], compilation),
        ];
        for (const { staged } of made) {
          const root = join(inputs, staged);
          expect(["", "program", "lib", "lib/part"].map((path) => mode(join(root, path)))).toEqual([
            "755",
            "555",
            "755",
            "555",
          ]);
          accessSync(join(root, "program"), constants.X_OK);
        }
        expect(mode(join(inputs, "products"))).toBe("711");
      } finally {
        process.umask(before);
      }
    },
  );

  it("may be empty", async () => {
    expect(contentOf((await adopt("a", {})).product.staged)).toEqual({});
    expect(contentOf((await store.restore("b", [], compilation)).staged)).toEqual({});
  });

  it("does not tell by its place what it was made of", async () => {
    const { product } = await adopt("the-key", {});
    expect(product.staged).toMatch(/^products\/[0-9a-f]{32}$/);
  });

  it("of two that are made under one key at once the first stays, and the folder of the second goes", async () => {
    const made = await Promise.all([
      adopt("a", { program: "one" }),
      adopt("a", { program: "two" }),
      store.restore("a", [cached("program", "three")], compilation).then((product) => ({ product })),
    ]);
    expect(new Set(made.map(({ product }) => product.staged)).size).toBe(1);
    expect(readdirSync(join(inputs, "products")).length).toBe(1);
  });

  it("that cannot be restored leaves nothing behind", async () => {
    const files = [cached("lib", "a file"), cached("lib/part", "below it")];
    await expect(store.restore("a", files, compilation)).rejects.toThrow();
    expect(readdirSync(join(inputs, "products"))).toEqual([]);
    expect(store.take("a")).toBeUndefined();
  });

  it("that is too large for the disk cache is a product all the same and is not read into memory", async () => {
    const folder = await store.workFolder();
    writeFileSync(join(folder, "program"), "");
    truncateSync(join(folder, "program"), 5 * 1024 ** 3); // a hole: it takes no room
    const { product, files } = await store.adopt("a", folder, compilation);
    expect(files).toBeUndefined();
    expect(statSync(join(inputs, product.staged, "program")).size).toBe(5 * 1024 ** 3);
  });

  it.each([
    [16, 0, true],
    [16, 1, false],
  ])("of %i MiB and %i bytes more is for the disk cache: %s", async (mebibytes, more, expected) => {
    const folder = await store.workFolder();
    writeFileSync(join(folder, "program"), "");
    truncateSync(join(folder, "program"), mebibytes * 1024 ** 2);
    writeFileSync(join(folder, "part"), "x".repeat(more));
    expect((await store.adopt("a", folder, compilation)).files !== undefined).toBe(expected);
  });

  it("without a key is used once and not found again", async () => {
    const folder = await store.workFolder();
    writeFileSync(join(folder, "program"), "x");
    const { product, files } = await store.adopt(undefined, folder, compilation);
    expect(files).toBeUndefined();
    expect(contentOf(product.staged)).toEqual({ program: "x" });
    await leave("a", 2);
    expect(existsSync(folder)).toBe(true);
    product.release();
    await store.settled();
    expect([existsSync(folder), atHand("a")]).toEqual([false, ["a"]]);
  });

  it("that cannot be taken over leaves no folder", async () => {
    const folder = await store.workFolder();
    symlinkSync("/nowhere", join(folder, "dangling")); // a compiler's files are never links
    await expect(store.adopt("a", folder, compilation)).rejects.toThrow("ENOENT");
    expect([existsSync(folder), atHand("a")]).toEqual([false, []]);
  });
});

describe("a store of products that is over its bound", () => {
  it("removes the longest unused first, and no more than it must", async () => {
    for (const key of ["a", "b", "c"]) await leave(key, 3);
    expect(atHand("a", "b", "c")).toEqual(["a", "b", "c"]);
    await leave("d", 3);
    expect(atHand("a", "b", "c", "d")).toEqual(["b", "c", "d"]);
    expect(readdirSync(join(inputs, "products")).length).toBe(3);
  });

  it("counts taking as use", async () => {
    for (const key of ["a", "b", "c"]) await leave(key, 3);
    store.take("a")?.release();
    await leave("d", 3);
    expect(atHand("a", "b", "c", "d")).toEqual(["a", "c", "d"]);
  });

  it("never removes a product in use, not even when all that are in use are over the bound", async () => {
    const inUse = [await adopt("a", filling(6)), await adopt("b", filling(6))];
    const second = store.take("a");
    await leave("c", 6);
    for (const { product } of inUse) expect(existsSync(join(inputs, product.staged, "program"))).toBe(true);
    inUse[0]?.product.release();
    await leave("d", 6);
    expect(existsSync(join(inputs, second?.staged ?? "", "program"))).toBe(true);
    second?.release();
    await leave("e", 6);
    expect(atHand("a", "b")).toEqual(["b"]);
  });

  it("is within it again when those that were in use are not any more", async () => {
    const inUse = await Promise.all(["a", "b", "c"].map((key) => adopt(key, filling(6))));
    expect(blocksThere()).toBe(18);
    for (const { product } of inUse) product.release();
    await store.settled();
    expect(blocksThere()).toBe(6);
    expect(atHand("a", "b", "c").length).toBe(1);
  });

  it("counts a block for each folder and for the least file, made or restored", async () => {
    const files = [cached("one/two/a", ""), cached("one/two/b", "x"), cached("one/c", "x".repeat(block + 1))];
    const made = await adopt("made", Object.fromEntries(files.map(({ path, data }) => [path, data.toString()])));
    made.product.release();
    await leave("fits", 3);
    expect([blocksThere(), atHand("made", "fits")]).toEqual([10, ["made", "fits"]]);
    await leave("more", 2);
    expect([blocksThere(), atHand("made", "fits", "more")]).toEqual([5, ["fits", "more"]]);
    (await store.restore("restored", files, compilation)).release();
    await store.settled();
    expect([blocksThere(), atHand("fits", "more", "restored")]).toEqual([9, ["more", "restored"]]);
  });

  it("never removes a product between its making and its first use", async () => {
    const [{ product }] = await Promise.all([adopt("a", filling(9)), leave("b", 9), leave("c", 9), leave("d", 9)]);
    await leave("e", 9);
    expect(existsSync(join(inputs, product.staged, "program"))).toBe(true);
    expect(atHand("a")).toEqual(["a"]);
  });

  it("keeps count when products come and go at once: what is there fits, and what is at hand is there", async () => {
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const { product } = await adopt(`${index % 20}`, filling(2 + (index % 3)));
        expect(existsSync(join(inputs, product.staged, "program"))).toBe(true);
        product.release();
      }),
    );
    await store.settled();
    const folders = readdirSync(join(inputs, "products"));
    expect(blocksThere()).toBeLessThanOrEqual(10);
    expect(blocksThere()).toBeGreaterThan(6); // more than 10, less the last that went
    const keys = atHand(...Array.from({ length: 20 }, (_, index) => `${index}`));
    expect(keys.length).toBe(folders.length);
    for (const key of keys) {
      const product = store.take(key);
      expect(existsSync(join(inputs, product?.staged ?? "", "program"))).toBe(true);
      product?.release();
    }
  });

  it("does not take a second release for that of another user", async () => {
    const { product } = await adopt("a", filling(6));
    const other = store.take("a");
    product.release();
    product.release();
    await leave("b", 6);
    expect(existsSync(join(inputs, other?.staged ?? "", "program"))).toBe(true);
  });

  it("removes folders that their compiler closed to others", async () => {
    const folder = await store.workFolder();
    mkdirSync(join(folder, "closed"));
    writeFileSync(join(folder, "closed/file"), "x".repeat(5 * block));
    chmodSync(join(folder, "closed/file"), 0o000);
    (await store.adopt("a", folder, compilation)).product.release();
    await leave("b", 6);
    expect(existsSync(folder)).toBe(false);
  });
});
