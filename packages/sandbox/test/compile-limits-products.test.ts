// Depends on: identity, cgroups.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { borrowLanguage } from "./support/borrowed-language.ts";
import { c, cSandboxes, says, withCache } from "./support/c-programs.ts";
import { stretched } from "./support/host-slowness.ts";
import { program, sharedSandboxes, temporaryFolder, using } from "./support/sandboxes.ts";

const MIB = 1024 * 1024;

describe("a program that was compiled with other limits of the compiler", () => {
  const { folder, run } = cSandboxes();

  it("is compiled again, once for each of them, and is there with the default ones", async () => {
    const code = says("limits");
    const cached = async (more?: ExecutionSpec) => (await run(c(code, more))).compile?.cached;
    expect([await cached(), await cached()]).toEqual([false, true]);
    for (const compileLimits of [{ timeoutMs: 50_000 }, { cpuPercent: 50 }, { memoryBytes: 800 * MIB }]) {
      expect([await cached({ compileLimits }), await cached({ compileLimits })]).toEqual([false, true]);
    }
    expect(await cached()).toBe(true);
    // Those that are the defaults are no others.
    expect(await cached({ compileLimits: { timeoutMs: 60_000 } })).toBe(true);
  });

  it("is so by the next instance too", async () => {
    const cacheDir = join(folder(), "next");
    const ends = [];
    for (const compileLimits of [{ openFiles: 500 }, {}, { openFiles: 500 }, {}]) {
      const spec = c(says("next"), { compileLimits });
      ends.push(await using(withCache(cacheDir), async (own) => (await own.execute(spec).result).compile?.cached));
    }
    expect(ends).toEqual([false, false, true, true]);
  });
});

describe("a compiler that is refused a process and succeeds", () => {
  const { name: language } = borrowLanguage();
  const folder = temporaryFolder();
  const sandboxes = sharedSandboxes(() => ({ languages: [language], cacheDir: join(folder(), "cache") }));
  /** Its processes stand still for so many seconds, at the limit, so that a warden that has no cgroups sees them so. */
  const refused = (seconds: number): ExecutionSpec => ({
    language,
    code: program(
      "(sleep 54329 & sleep 54329 & sleep 54329 & sleep 54329 & sleep 54329) 2>/dev/null",
      `sleep ${seconds}`,
      "echo 'echo own' >/glovebox/product/program",
    ),
    compileLimits: { processes: 5 },
  });

  it(
    "has made a product for its own run, which is not kept for the next one",
    async () => {
      let seen: number | undefined;
      for (const seconds of [0.1, 1, 4, 10]) {
        const { stdout, compile } = await sandboxes().execute(refused(seconds)).result;
        expect([stdout, compile?.cached]).toEqual(["own\n", false]);
        if (compile?.outcome.violations.includes("processes")) {
          seen = seconds;
          break;
        }
      }
      if (seen === undefined) throw new Error("no look at 15 seconds of a compiler at its limit");
      const again = await sandboxes().execute(refused(seen)).result;
      expect([again.stdout, again.compile?.cached]).toEqual(["own\n", false]);
    },
    stretched(60_000),
  );
});
