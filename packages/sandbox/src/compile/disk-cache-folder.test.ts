import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { cacheFolder, entry, key } from "../../test/support/cache-folder.ts";
import { defaultCacheFolder } from "./disk-cache.ts";

const { parent, folder, log, tryOpen, open } = cacheFolder();

describe("the secret", () => {
  const secret = () => join(folder(), "secret");

  it("is made once and kept", () => {
    open();
    const first = readFileSync(secret());
    open();
    open({ kind: "warm" });
    expect(readFileSync(secret())).toEqual(first);
    expect(readdirSync(folder()).sort()).toEqual(["compiled", "secret", "warm"]);
  });

  it("differs from folder to folder", () => {
    open();
    open({ folder: join(parent(), "other") });
    expect(readFileSync(secret())).not.toEqual(readFileSync(join(parent(), "other", "secret")));
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
    mkdirSync(folder());
    chmodSync(folder(), mode);
    expect(tryOpen()).toBeUndefined();
    expect(log).toEqual([refusal(folder(), "can be written by other users")]);
    expect(readdirSync(folder())).toEqual([]);
    expect(statSync(folder()).mode & 0o7777).toBe(mode);
  });

  it("when others can write among the entries", async () => {
    await open().put(key, entry);
    chmodSync(join(folder(), "compiled"), 0o777);
    expect(tryOpen()).toBeUndefined();
    expect(log).toEqual([refusal(join(folder(), "compiled"), "can be written by other users")]);
  });

  it("when it belongs to somebody else", () => {
    mkdirSync(folder());
    const root = process.getuid?.() === 0;
    const foreign = root ? folder() : "/usr/share";
    if (root) chownSync(folder(), 65_534, 65_534);
    expect(tryOpen({ folder: foreign })).toBeUndefined();
    expect(log).toEqual([refusal(foreign, "belongs to another user")]);
    expect(readdirSync(folder())).toEqual([]);
  });

  it("when it is a file, or lies in one", () => {
    writeFileSync(folder(), "");
    expect(tryOpen()).toBeUndefined();
    expect(tryOpen({ folder: join(folder(), "below") })).toBeUndefined();
    expect(log.length).toBe(2);
  });

  it("but one that others may read is, and keeps its mode: it may be there for more than the cache", async () => {
    mkdirSync(folder(), { mode: 0o755 });
    chmodSync(folder(), 0o755);
    await open().put(key, entry);
    expect(statSync(folder()).mode & 0o777).toBe(0o755);
    expect(statSync(join(folder(), "compiled")).mode & 0o777).toBe(0o700);
  });
});

describe("a folder that was deleted while it is used", () => {
  const remove = () => rmSync(folder(), { recursive: true });

  it("is made again by the next who puts something, with another secret", async () => {
    const cache = open();
    await cache.put(key, entry);
    const before = readFileSync(join(folder(), "secret"));
    remove();
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, entry);
    expect(await cache.get(key)).toEqual(entry);
    expect(await open().get(key)).toEqual(entry);
    expect(readFileSync(join(folder(), "secret"))).not.toEqual(before);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    expect(log).toEqual([]);
  });

  it("and made again by somebody else has one secret for all: nobody deletes what another one put", async () => {
    const caches = [open(), open()];
    remove();
    caches.push(open());
    for (const writer of caches) {
      await writer.put(key, entry);
      for (const reader of caches) expect(await reader.get(key)).toEqual(entry);
    }
    remove();
    await Promise.all(caches.map((cache) => cache.put(key, entry)));
    for (const reader of caches) expect(await reader.get(key)).toEqual(entry);
    expect(log).toEqual([]);
  });

  it("is not written to while others could write to it", async () => {
    const cache = open();
    chmodSync(folder(), 0o777);
    await cache.put(key, entry);
    expect(readdirSync(join(folder(), "compiled"))).toEqual([]);
    expect(log).toEqual([`compile cache: an entry could not be written: ${folder()} can be written by other users`]);
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
