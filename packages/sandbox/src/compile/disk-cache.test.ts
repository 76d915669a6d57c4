import { type ChildProcess, spawn } from "node:child_process";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryOf, keyOf, type Report } from "../../test/support/cache-worker.ts";
import { patience } from "../../test/support/patience.ts";
import { type CacheEntry, DiskCache, type DiskCacheSetup, defaultCacheFolder } from "./disk-cache.ts";

let parent = "";
let folder = "";
let log: string[] = [];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "glovebox-cache-test-"));
  folder = join(parent, "cache");
  log = [];
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const hour = 3_600_000;
const day = 24 * hour;

function open(change: Partial<DiskCacheSetup> = {}): DiskCache {
  const cache = tryOpen(change);
  if (cache === undefined) throw new Error(`no cache: ${log.join("; ")}`);
  return cache;
}

function tryOpen(change: Partial<DiskCacheSetup> = {}): DiskCache | undefined {
  const setup = { folder, kind: "compiled", maxBytes: 1 << 30, maxAgeMs: 30 * day, ...change } as const;
  return DiskCache.open({ ...setup, log: (line) => log.push(line) });
}

const key = keyOf(1);
const otherKey = keyOf(2);
const place = (name = key) => join(folder, "compiled", name);
const names = () => readdirSync(join(folder, "compiled")).sort();
const damaged = (name = key) => `compile cache: entry ${name} was damaged or changed; it is deleted`;

const entry: CacheEntry = {
  files: [
    { path: "program", data: Buffer.from("the program\n\0\xff", "latin1") },
    { path: "lib/empty", data: Buffer.alloc(0) },
  ],
  note: { outcome: { kind: "exited", code: 0 }, stderr: "warning: »x«\n", ratio: 0.1 },
};

describe("an entry of the disk cache", () => {
  it("comes back as it was put: files, bytes, order, note", async () => {
    const cache = open();
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, entry);
    expect(await cache.get(key)).toEqual(entry);
    expect(log).toEqual([]);
  });

  it("comes back to another instance and to another process of the same folder", async () => {
    await open().put(key, entry);
    expect(await open().get(key)).toEqual(entry);
  });

  it("may have no file, no note, many files and large ones", async () => {
    const cache = open();
    const many = Array.from({ length: 1_000 }, (_, index) => ({
      path: `d/${index}`,
      data: Buffer.from([index & 255]),
    }));
    const large = [{ path: "large", data: randomBytes(9 * 1024 * 1024) }];
    for (const files of [[], many, large]) {
      await cache.put(key, { files, note: null });
      const found = await cache.get(key);
      expect(found?.note).toBeNull();
      expect(found?.files.length).toBe(files.length);
      expect(found?.files.every((file, index) => file.data.equals(files[index]?.data ?? Buffer.alloc(1)))).toBe(true);
    }
    expect(log).toEqual([]);
  });

  it("keeps names and notes that are not plain text", async () => {
    const note = { text: "\u0000\u001f\ud800\ufffd", 10: "a", 9: "b", tiny: 5e-324, deep: [[{ __proto: null }]] };
    const strange = { files: [{ path: 'a "b" \\ \n \u2028 é', data: Buffer.from("x") }], note };
    const cache = open();
    await cache.put(key, strange);
    expect(await cache.get(key)).toEqual(strange);
    expect(log).toEqual([]);
  });

  it("is replaced by a later one under the same key", async () => {
    const cache = open();
    await cache.put(key, entry);
    await cache.put(key, { files: [], note: "later" });
    expect(await cache.get(key)).toEqual({ files: [], note: "later" });
    expect(names()).toEqual([key]);
  });

  it("is not found by another kind of cache in the same folder", async () => {
    await open().put(key, entry);
    const warm = open({ kind: "warm" });
    expect(await warm.get(key)).toBeUndefined();
    await warm.put(key, { files: [], note: "warm" });
    expect(await open().get(key)).toEqual(entry);
  });

  it.each(["", "../compiled/x", "0".repeat(63), "0".repeat(65), "A".repeat(64), `${"0".repeat(63)}/`])(
    "has no key like %j",
    async (wrong) => {
      const cache = open();
      await expect(cache.get(wrong)).rejects.toThrow("no key of the cache");
      await expect(cache.put(wrong, entry)).rejects.toThrow("no key of the cache");
      expect(names()).toEqual([]);
    },
  );

  it("and its folder are for this user alone, whatever the umask is", async () => {
    const umask = process.umask(0);
    try {
      await open().put(key, entry);
    } finally {
      process.umask(umask);
    }
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect([mode(folder), mode(join(folder, "compiled")), mode(place())]).toEqual(["700", "700", "600"]);
    expect(mode(join(folder, "secret"))).toBe("600");
    expect(statSync(join(folder, "secret")).size).toBe(32);
  });
});

describe("an entry that is not as it was put is absent, is deleted, and the log says so", () => {
  /** Puts the entry, lets `change` loose on its bytes, and looks for it. */
  async function afterChange(change: (content: Buffer) => Buffer): Promise<CacheEntry | undefined> {
    const cache = open();
    await cache.put(key, entry);
    const before = readFileSync(place());
    writeFileSync(place(), change(Buffer.from(before)));
    log = [];
    return cache.get(key);
  }

  it("control: an entry that is written again byte for byte is there", async () => {
    expect(await afterChange((content) => content)).toEqual(entry);
    expect(log).toEqual([]);
  });

  it("with any single byte changed, in the header, the code and the content", async () => {
    const cache = open();
    await cache.put(key, entry);
    const whole = readFileSync(place());
    const survived: string[] = [];
    log = [];
    for (let index = 0; index < whole.length; index++) {
      for (const bits of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(whole);
        changed[index] = (changed[index] ?? 0) ^ bits;
        writeFileSync(place(), changed);
        if ((await cache.get(key)) !== undefined) survived.push(`${index} ^ ${bits}`);
        if (existsSync(place())) survived.push(`${index} ^ ${bits} is still there`);
      }
    }
    expect(survived).toEqual([]);
    expect(new Set(log)).toEqual(new Set([damaged()]));
    expect(log.length).toBe(3 * whole.length);
  });

  it("cut off at any place", async () => {
    const cache = open();
    await cache.put(key, entry);
    const whole = readFileSync(place());
    const survived: number[] = [];
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(place(), whole.subarray(0, length));
      if ((await cache.get(key)) !== undefined || existsSync(place())) survived.push(length);
    }
    expect(survived).toEqual([]);
  });

  it.each([
    ["with a byte more", (content: Buffer) => Buffer.concat([content, Buffer.from([0])])],
    ["with a newline more", (content: Buffer) => Buffer.concat([content, Buffer.from("\n")])],
    ["with a byte before it", (content: Buffer) => Buffer.concat([Buffer.from(" "), content])],
    ["twice behind each other", (content: Buffer) => Buffer.concat([content, content])],
    ["all zeros, as a machine that lost its power leaves it", (content: Buffer) => Buffer.alloc(content.length)],
    [
      "with blanks in its header",
      (content: Buffer) => Buffer.from(content.toString("latin1").replace("[{", "[ {"), "latin1"),
    ],
  ])("%s", async (_, change) => {
    expect(await afterChange(change)).toBeUndefined();
    expect(log).toEqual([damaged()]);
    expect(names()).toEqual([]);
  });

  it("under the name of another key", async () => {
    const cache = open();
    await cache.put(key, entry);
    renameSync(place(), place(otherKey));
    expect(await cache.get(otherKey)).toBeUndefined();
    expect(log).toEqual([damaged(otherKey)]);
    expect(names()).toEqual([]);
  });

  it("from another kind of cache under the same key", async () => {
    await open({ kind: "warm" }).put(key, entry);
    const cache = open();
    copyFileSync(join(folder, "warm", key), place());
    expect(await cache.get(key)).toBeUndefined();
  });

  it("of a cache with another secret", async () => {
    const foreign = join(parent, "foreign");
    await open({ folder: foreign }).put(key, entry);
    const cache = open();
    copyFileSync(join(foreign, "compiled", key), place());
    expect(await cache.get(key)).toBeUndefined();
    expect(log).toEqual([damaged()]);
  });

  it("with the code, the header or the content of another entry", async () => {
    const cache = open();
    const twin = {
      files: entry.files.map(({ path, data }) => ({ path, data: Buffer.alloc(data.length, 7) })),
      note: 1,
    };
    await cache.put(key, entry);
    await cache.put(otherKey, twin);
    const parts = (content: Buffer) => {
      const [code, header] = content.toString("latin1").split("\n");
      const start = (code?.length ?? 0) + (header?.length ?? 0) + 2;
      return { code: `${code}\n`, header: `${header}\n`, body: content.subarray(start).toString("latin1") };
    };
    const [one, two] = [parts(readFileSync(place())), parts(readFileSync(place(otherKey)))];
    const mixtures = [
      [one.code, one.header, two.body],
      [one.code, two.header, one.body],
      [one.code, two.header, two.body],
      [two.code, one.header, one.body],
      [two.code, two.header, two.body],
    ];
    for (const mixture of mixtures) {
      writeFileSync(place(), mixture.join(""), "latin1");
      expect(await cache.get(key)).toBeUndefined();
    }
    writeFileSync(place(), [one.code, one.header, one.body].join(""), "latin1");
    expect(await cache.get(key)).toEqual(entry);
  });

  type Sign = (signed: Buffer) => string;
  const head = `compiled ${key}\n`;
  const signedWith =
    (secret: Buffer): Sign =>
    (signed) =>
      createHmac("sha256", secret).update(head).update(signed).digest("hex");

  /** An entry as the cache would write it, with a code made by `sign`. */
  function forge(sign: Sign, path = "program"): Buffer {
    const header = JSON.stringify({ format: 1, files: [{ path, size: 4 }], note: null });
    const signed = Buffer.from(`${header}\nevil`);
    return Buffer.concat([Buffer.from(`${sign(signed)}\n`), signed]);
  }

  it("with a code that anybody can work out: a plain hash, or one with a secret that is a guess", async () => {
    const cache = open();
    const plain: Sign = (signed) => createHash("sha256").update(head).update(signed).digest("hex");
    const guesses = [signedWith(Buffer.alloc(32)), signedWith(Buffer.alloc(0)), () => "0".repeat(64), () => ""];
    for (const sign of [plain, ...guesses]) {
      writeFileSync(place(), forge(sign));
      expect(await cache.get(key)).toBeUndefined();
      expect(names()).toEqual([]);
    }
    writeFileSync(place(), forge(signedWith(readFileSync(join(folder, "secret")))));
    expect((await cache.get(key))?.files).toEqual([{ path: "program", data: Buffer.from("evil") }]);
  });

  it("with a file whose name leads elsewhere, even if its code is right", async () => {
    const cache = open();
    for (const path of ["../program", "/etc/passwd", "a/../../b", ".", "", "a\0b", "a//b"]) {
      writeFileSync(place(), forge(signedWith(readFileSync(join(folder, "secret"))), path));
      expect([path, await cache.get(key)]).toEqual([path, undefined]);
    }
  });

  it("and the next one who puts it has it again", async () => {
    expect(await afterChange((content) => content.subarray(1))).toBeUndefined();
    const cache = open();
    await cache.put(key, entry);
    expect(await cache.get(key)).toEqual(entry);
  });

  it("a folder or a dangling link in its place is absent too, and harms nobody", async () => {
    const cache = open();
    mkdirSync(place());
    symlinkSync("nowhere", place(otherKey));
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.get(otherKey)).toBeUndefined();
    await cache.put(key, entry);
    await cache.put(otherKey, entry);
    await cache.sweep();
    expect(await cache.get(otherKey)).toEqual(entry);
  });
});

describe("the secret", () => {
  const secret = () => join(folder, "secret");

  it("is made once and kept", () => {
    open();
    const first = readFileSync(secret());
    open();
    open({ kind: "warm" });
    expect(readFileSync(secret())).toEqual(first);
    expect(readdirSync(folder).sort()).toEqual(["compiled", "secret", "warm"]);
  });

  it("differs from folder to folder", () => {
    open();
    open({ folder: join(parent, "other") });
    expect(readFileSync(secret())).not.toEqual(readFileSync(join(parent, "other", "secret")));
  });

  it.each([0o604, 0o640, 0o660, 0o666, 0o601])(
    "that others could read (mode %o) is replaced, and what it signed is not believed any more",
    async (mode) => {
      await open().put(key, entry);
      const before = readFileSync(secret());
      chmodSync(secret(), mode);
      const cache = open();
      expect(readFileSync(secret())).not.toEqual(before);
      expect(statSync(secret()).mode & 0o777).toBe(0o600);
      expect(await cache.get(key)).toBeUndefined();
      await cache.put(key, entry);
      expect(await open().get(key)).toEqual(entry);
    },
  );

  it.each([0, 31, 33])("of %i bytes is none and is replaced", async (size) => {
    open();
    writeFileSync(secret(), Buffer.alloc(size));
    const cache = open();
    expect(readFileSync(secret()).length).toBe(32);
    await cache.put(key, entry);
    expect(await open().get(key)).toEqual(entry);
  });
});

describe("a folder that is not of this user alone is not used, and the log says why", () => {
  const refusal = (path: string, reason: string) => `compile cache: goes without the disk, because ${path} ${reason}`;

  it.each([0o777, 0o1777, 0o775, 0o722])("with the mode %o", (mode) => {
    mkdirSync(folder);
    chmodSync(folder, mode);
    expect(tryOpen()).toBeUndefined();
    expect(log).toEqual([refusal(folder, "can be written by other users")]);
    expect(readdirSync(folder)).toEqual([]);
    expect(statSync(folder).mode & 0o7777).toBe(mode);
  });

  it("when others can write among the entries", async () => {
    await open().put(key, entry);
    chmodSync(join(folder, "compiled"), 0o777);
    expect(tryOpen()).toBeUndefined();
    expect(log).toEqual([refusal(join(folder, "compiled"), "can be written by other users")]);
  });

  it("when it belongs to somebody else", () => {
    mkdirSync(folder);
    const root = process.getuid?.() === 0;
    const foreign = root ? folder : "/usr/share";
    if (root) chownSync(folder, 65_534, 65_534);
    expect(tryOpen({ folder: foreign })).toBeUndefined();
    expect(log).toEqual([refusal(foreign, "belongs to another user")]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("when it is a file, or lies in one", () => {
    writeFileSync(folder, "");
    expect(tryOpen()).toBeUndefined();
    expect(tryOpen({ folder: join(folder, "below") })).toBeUndefined();
    expect(log.length).toBe(2);
  });

  it("but one that others may read is, and keeps its mode: it may be there for more than the cache", async () => {
    mkdirSync(folder, { mode: 0o755 });
    chmodSync(folder, 0o755);
    await open().put(key, entry);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
    expect(statSync(join(folder, "compiled")).mode & 0o777).toBe(0o700);
  });
});

describe("a cache that is over its bounds", () => {
  const sized = (bytes: number) => ({ files: [{ path: "program", data: Buffer.alloc(bytes) }], note: null });

  /** Puts entries 1 to `count` of 1000 bytes each, the first one the longest ago. */
  async function fill(cache: DiskCache, count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      await cache.put(keyOf(number), sized(1_000));
      age(keyOf(number), (100 - number) * 60_000);
    }
  }
  function age(name: string, milliseconds: number): void {
    const time = new Date(Date.now() - milliseconds);
    utimesSync(place(name), time, time);
  }
  const there = (...numbers: number[]) => numbers.map(keyOf).sort();

  it("loses those that were written longest ago, and no more than it must", async () => {
    await fill(open(), 5);
    await open({ maxBytes: 4_000 }).sweep();
    expect(names()).toEqual(there(3, 4, 5));
  });

  it("counts reading as use: what was read just now stays", async () => {
    const cache = open();
    await fill(cache, 5);
    await cache.get(keyOf(1));
    await open({ maxBytes: 4_000 }).sweep();
    expect(names()).toEqual(there(1, 4, 5));
  });

  it("loses nothing while it is within them", async () => {
    const cache = open({ maxBytes: 10_000 });
    await fill(cache, 5);
    await cache.sweep();
    expect(names()).toEqual(there(1, 2, 3, 4, 5));
  });

  it("loses what nobody read for too long, however little it is", async () => {
    const cache = open({ maxAgeMs: 30 * day });
    await fill(cache, 3);
    age(keyOf(1), 30 * day + hour);
    age(keyOf(2), 30 * day - hour);
    await cache.sweep();
    expect(names()).toEqual(there(2, 3));
  });

  it("is swept by what is put into it, again and again", async () => {
    const cache = open({ maxBytes: 20_000 });
    for (let number = 1; number <= 200; number++) await cache.put(keyOf(number), sized(1_000));
    const bytes = names().reduce((sum, name) => sum + statSync(place(name)).size, 0);
    expect(bytes).toBeLessThan(20_000 + 20 * 1_300);
    expect(names().length).toBeGreaterThan(10);
  });

  it("does not take an entry that is over the bound alone, and keeps what it has", async () => {
    const cache = open({ maxBytes: 5_000 });
    await fill(cache, 2);
    await cache.put(keyOf(3), sized(5_001));
    expect(names()).toEqual(there(1, 2));
    expect(log).toEqual([]);
  });

  it("loses half-written files of writers that died, and none of those that still write", async () => {
    const cache = open();
    const parts = ["old", "new"].map((name) => place(`${keyOf(1)}.${name}.part`));
    for (const part of parts) writeFileSync(part, "half");
    utimesSync(parts[0] ?? "", new Date(), new Date(Date.now() - hour - 60_000));
    await cache.sweep();
    expect(names()).toEqual([`${keyOf(1)}.new.part`]);
  });

  it("does not stumble over what is none of its entries", async () => {
    const cache = open({ maxBytes: 1_500 });
    const long = new Date(Date.now() - 60 * day);
    mkdirSync(place("a-folder"));
    mkdirSync(place(keyOf(9)));
    writeFileSync(join(place(keyOf(9)), "content"), "x");
    for (const name of ["a-folder", keyOf(9)]) utimesSync(place(name), long, long);
    await fill(cache, 3);
    await cache.sweep();
    expect(names()).toContain(keyOf(3));
    expect(names()).not.toContain(keyOf(1));
    expect(await cache.get(keyOf(3))).toEqual(sized(1_000));
  });
});

const worker = fileURLToPath(new URL("../../test/support/cache-worker.ts", import.meta.url));

/** Starts a process that uses the cache. `before`: a command that starts it. */
function startWorker(args: readonly (string | number)[], before: readonly string[] = []): ChildProcess {
  const node = [process.execPath, "--conditions=source", "--import", import.meta.resolve("tsx"), worker];
  const [program = "", ...rest] = [...before, ...node, ...args.map(String)];
  return spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
}

async function reportOf(child: ChildProcess): Promise<Report> {
  const closed = once(child, "close");
  const output = child.stdout === null ? "" : await text(child.stdout);
  expect(await closed).toEqual([0, null]);
  return JSON.parse(output);
}

describe("processes that use one folder at once", () => {
  it("agree on the secret and never see an entry that is not whole", { timeout: patience(60_000) }, async () => {
    const reports = await Promise.all([1, 2, 3, 4].map(() => reportOf(startWorker([folder, 1 << 30, 10, 12]))));
    for (const { wrong, hits, misses, log: lines } of reports) {
      expect({ wrong, lines, all: hits + misses }).toEqual({ wrong: 0, lines: [], all: 400 });
      expect(hits).toBeGreaterThan(50);
    }
    const cache = open();
    for (let number = 0; number < 12; number++) expect(await cache.get(keyOf(number))).toEqual(entryOf(number));
    expect(names()).toEqual(Array.from({ length: 12 }, (_, number) => keyOf(number)).sort());
    expect(readdirSync(folder).sort()).toEqual(["compiled", "secret"]);
    expect(log).toEqual([]);
  });

  it("may delete each other's entries at any moment, which costs time and nothing else", {
    timeout: patience(60_000),
  }, async () => {
    const reports = await Promise.all([1, 2, 3].map(() => reportOf(startWorker([folder, 150_000, 10, 12]))));
    for (const { wrong, misses, log: lines } of reports) {
      expect({ wrong, lines: lines.filter((line) => line.includes("damaged")) }).toEqual({ wrong: 0, lines: [] });
      expect(misses).toBeGreaterThan(12);
    }
    await open({ maxBytes: 150_000 }).sweep();
    const left = names().filter((name) => !name.endsWith(".part"));
    expect(left.reduce((sum, name) => sum + statSync(place(name)).size, 0)).toBeLessThanOrEqual(150_000);
  });

  it("may be killed while they write: what they leave is no entry", { timeout: patience(60_000) }, async () => {
    const children = [1, 2, 3].map(() => startWorker([folder, 1 << 30, 1_000_000, 12]));
    const closed = children.map((child) => once(child, "close"));
    await expect.poll(() => existsSync(place(keyOf(0))), { timeout: patience(30_000) }).toBe(true);
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(closed);
    const cache = open();
    for (let number = 0; number < 12; number++) {
      const found = await cache.get(keyOf(number));
      if (found !== undefined) expect(found).toEqual(entryOf(number));
    }
    expect(log).toEqual([]);
  });
});

describe("a disk that does not take what is written", () => {
  /** Root is refused nothing by the modes of files while it has these capabilities. */
  const asOthers =
    process.getuid?.() === 0
      ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
      : [];

  it("because it is read-only is no failure: what is there is read, what is damaged is absent", {
    timeout: patience(20_000),
  }, async () => {
    const cache = open();
    await cache.put(keyOf(0), entryOf(0));
    writeFileSync(place(keyOf(1)), "damaged");
    chmodSync(join(folder, "compiled"), 0o500);
    const { wrong, hits, misses, log: lines } = await reportOf(startWorker([folder, 1 << 30, 3, 2], asOthers));
    chmodSync(join(folder, "compiled"), 0o700);
    expect(wrong).toBe(0);
    expect(hits).toBeGreaterThan(0);
    expect(hits + misses).toBe(120);
    expect(new Set(lines.map((line) => line.split(":")[1]))).toEqual(
      new Set([` entry ${keyOf(1)} was damaged or changed; it is deleted`, " an entry could not be written"]),
    );
    expect(names()).toEqual([keyOf(0), keyOf(1)].sort());
  });

  it("because the folder cannot be made is no failure: there is no cache", { timeout: patience(20_000) }, async () => {
    chmodSync(parent, 0o500);
    const report = await reportOf(startWorker([folder, 1 << 30, 1, 1], asOthers));
    chmodSync(parent, 0o700);
    expect(report).toEqual({
      hits: 0,
      misses: 0,
      wrong: 0,
      log: [expect.stringMatching(/^compile cache: goes without the disk, because EACCES/)],
    });
  });

  it("because it is full is no failure, and nothing half-written stays", { timeout: patience(20_000) }, async () => {
    open();
    const limited = ["prlimit", "--fsize=30000"];
    const { wrong, misses, log: lines } = await reportOf(startWorker([folder, 1 << 30, 3, 12], limited));
    expect(wrong).toBe(0);
    expect(misses).toBeGreaterThan(6);
    expect(new Set(lines)).toEqual(
      new Set(["compile cache: an entry could not be written: EFBIG: file too large, write"]),
    );
    const small = [0, 1, 2, 3, 4, 5, 6].map(keyOf);
    expect(names().filter((name) => !small.includes(name))).toEqual([]);
    expect(names().length).toBeGreaterThan(0);
  });
});

describe("the folder of a user", () => {
  const before = { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, HOME: process.env.HOME };
  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const uid = process.getuid?.() ?? 0;

  it.each([
    ["/var/cache/me", "/home/me", "/var/cache/me/glovebox"],
    [undefined, "/home/me", "/home/me/.cache/glovebox"],
    ["relative", "/home/me", "/home/me/.cache/glovebox"],
    ["", "/home/me", "/home/me/.cache/glovebox"],
    [undefined, "/", join(tmpdir(), `glovebox-cache-${uid}`)],
    [undefined, "relative", join(tmpdir(), `glovebox-cache-${uid}`)],
  ])("with XDG_CACHE_HOME=%s and HOME=%s is %s", (xdg, home, wanted) => {
    for (const [name, value] of [["XDG_CACHE_HOME", xdg] as const, ["HOME", home] as const]) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    expect(defaultCacheFolder()).toBe(wanted);
  });
});
