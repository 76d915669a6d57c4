// Depends on: nothing.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Sandboxes, SandboxOptions } from "../src/index.ts";
import { borrowLanguage, warmCommand } from "./support/borrowed-language.ts";
import { patience, stretched } from "./support/host-slowness.ts";
import { endRunning, running } from "./support/processes.ts";
import { checkLeftovers, openSandboxes, problemOf, program, temporaryFolder, using } from "./support/sandboxes.ts";

const toy = borrowLanguage();
const folder = temporaryFolder();
checkLeftovers();

const spec = { language: toy.name, code: program("echo 'cat /glovebox-warm/file' >/glovebox/product/program") };
/** What the language waits for when it is made ready, until somebody ends it. */
const wait = "sleep 54329";
const warming = () => running(wait).length > 0;
const isWarming = () => expect.poll(warming, patience).toBe(true);
const goOn = () => endRunning(wait);

/** Runs `use` with sandboxes whose cache is new, so that the language is made ready first. */
function usingSlow(cache: string, more: SandboxOptions, use: (own: Sandboxes) => Promise<void>): Promise<void> {
  const lines = [`${wait} || :`, 'echo warm >"$1/file"'];
  toy.warm = { command: warmCommand(program(...lines)), limits: {} };
  return using({ languages: [], pool: { min: 0, max: 1 }, cacheDir: join(folder(), cache), ...more }, use);
}

describe("the first use of a language, which makes it ready first", () => {
  it("serves all that ask at once when it is ready", async () => {
    await usingSlow("all", {}, async (own) => {
      const runs = Promise.all([1, 2, 3].map(() => own.execute(spec).result));
      await isWarming();
      goOn();
      const all = await runs;
      expect(all.map(({ stdout }) => stdout)).toEqual(["warm\n", "warm\n", "warm\n"]);
    });
  });

  it("is not cut off by the time to wait for a free sandbox: none is busy", async () => {
    const leaseTimeoutMs = stretched(2_000); // which its first sandbox is ready in, once the language is
    await usingSlow("lease", { leaseTimeoutMs }, async (own) => {
      const going = own.execute(spec);
      await isWarming();
      await sleep(leaseTimeoutMs + 100);
      goOn();
      expect((await going.result).stdout).toBe("warm\n");
    });
  });

  it("can be cancelled while it is made ready, and the language is ready for the next one all the same", async () => {
    await usingSlow("cancelled", {}, async (own) => {
      const going = own.execute(spec);
      await isWarming();
      going.cancel();
      expect((await going.result).outcome.kind).toBe("cancelled");
      expect(warming()).toBe(true); // it did not wait for it
      const next = own.execute(spec);
      goOn();
      expect((await next.result).stdout).toBe("warm\n");
    });
  });

  it("keeps no other language waiting", async () => {
    await usingSlow("others", { concurrency: 1 }, async (own) => {
      const going = own.execute(spec);
      await isWarming();
      expect((await own.execute({ language: "lua", code: "print(1)" }).result).stdout).toBe("1\n");
      expect(warming()).toBe(true);
      goOn();
      expect((await going.result).stdout).toBe("warm\n");
    });
  });

  it("is refused as closed when the sandboxes are closed meanwhile, and nothing is left of it", async () => {
    await usingSlow("closed", {}, async (own) => {
      const problem = problemOf(own.execute(spec).result);
      await isWarming();
      await own.close();
      expect((await problem).code).toBe("closed");
      expect(warming()).toBe(false);
    });
  });

  it("is given up when the sandboxes are closed, however long it would take", async () => {
    toy.warm = { command: warmCommand("sleep 1000"), limits: {} };
    const log: string[] = [];
    const own = await openSandboxes({
      languages: [],
      pool: { min: 0, max: 1 },
      cacheDir: join(folder(), "given-up"),
      log: (line) => log.push(line),
    });
    const problem = problemOf(own.execute(spec).result);
    const sleeping = () => running("sleep 1000").length > 0;
    await expect.poll(sleeping, patience).toBe(true);
    await own.close();
    expect([(await problem).code, sleeping()]).toEqual(["closed", false]);
    expect(log).toEqual(["Toy: making what programs start faster with; this happens once"]);
  });
});
