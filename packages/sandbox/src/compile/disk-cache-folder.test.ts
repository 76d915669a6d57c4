import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { cacheFolder, entry, key } from "../../test/support/cache-folder.ts";
import { defaultCacheFolder } from "./disk-cache.ts";

const { folder, log, tryOpen, open, place } = cacheFolder();

describe("an entry that is not of this user alone is not believed, though its checksum is right", () => {
  it.each([0o620, 0o602, 0o622, 0o666])("with the mode %o, by which others could have written it", async (mode) => {
    const cache = open();
    await cache.put(key, entry);
    chmodSync(place(), mode);
    expect(await cache.get(key)).toBeUndefined();
    expect(log).toEqual([`compile cache: entry ${key} was damaged or changed; it is deleted`]);
    await cache.put(key, entry);
    expect(await open().get(key)).toEqual(entry);
  });

  it.runIf(process.getuid?.() === 0)("of another owner, who put it there when the folder was open", async () => {
    const cache = open();
    await cache.put(key, entry);
    chownSync(place(), 65_534, 65_534);
    expect(await cache.get(key)).toBeUndefined();
    expect(readdirSync(join(folder(), "compiled"))).toEqual([]);
  });

  it("control: one that others can read is this user's", async () => {
    const cache = open();
    await cache.put(key, entry);
    chmodSync(place(), 0o644);
    expect(await cache.get(key)).toEqual(entry);
  });

  it("has no file beside it: the folder holds the kinds of caches alone", async () => {
    await open().put(key, entry);
    await open({ kind: "warm" }).put(key, entry);
    expect(readdirSync(folder()).sort()).toEqual(["compiled", "warm"]);
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

  it("is made again by the next who puts something", async () => {
    const cache = open();
    await cache.put(key, entry);
    remove();
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, entry);
    expect(await cache.get(key)).toEqual(entry);
    expect(await open().get(key)).toEqual(entry);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    expect(log).toEqual([]);
  });

  it("and made again by somebody else is one for all: nobody deletes what another one put", async () => {
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
