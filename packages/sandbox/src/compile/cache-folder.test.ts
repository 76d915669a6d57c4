import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { defaultCacheFolder } from "./disk-cache.ts";

vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  homedir: () => {
    throw new Error("A system error occurred: uv_os_homedir returned ENOENT (no such file or directory)");
  },
}));
afterEach(() => vi.unstubAllEnvs());

it("the cache of a user id without HOME and without an entry in passwd is in the temporary folder", () => {
  vi.stubEnv("XDG_CACHE_HOME", undefined);
  vi.stubEnv("HOME", undefined);
  expect(defaultCacheFolder()).toBe(join(tmpdir(), `glovebox-cache-${process.getuid?.()}`));
});
