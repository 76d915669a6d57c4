// Depends on: identity.
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sandboxes } from "../src/index.ts";
import { borrowLanguage, warmCommand } from "./support/borrowed-language.ts";
import { checkLeftovers, openSandboxes, temporaryFolder, using } from "./support/sandboxes.ts";

const toy = borrowLanguage({
  tools: { shell: ["sh"], compiler: ["toy-compiler"] },
  compile: { command: ["{compiler}"], sources: [".toy"] },
});
const folder = temporaryFolder();
checkLeftovers();

let parent = "";
let tools = "";
beforeEach(() => {
  parent = mkdtempSync(join(process.getuid?.() === 0 ? "/opt" : homedir(), "glovebox-test-toolchain-"));
  chmodSync(parent, 0o755);
  tools = install("toolchain", "one");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** Makes a toolchain whose programs say which it is. */
function install(name: string, says: string): string {
  const place = join(parent, name);
  mkdirSync(place);
  chmodSync(place, 0o755);
  const compiler = join(place, "toy-compiler");
  writeFileSync(
    compiler,
    `#!/bin/sh\necho 'echo ${says}; cat /glovebox-warm/made 2>&-; true' >/glovebox/product/program\n`,
  );
  chmodSync(compiler, 0o755);
  return place;
}

/** Puts another toolchain in the place of the first one, which stays under another name. */
function replace(says: string): string {
  const old = join(parent, `before-${says}`);
  install("new", says);
  renameSync(tools, old);
  renameSync(join(parent, "new"), tools);
  return old;
}

const options = (cache: string, languages: readonly string[] = []) => ({
  languages,
  toolchains: [tools],
  pool: { min: 0, max: 1 },
  cacheDir: join(folder(), cache),
});

async function run(own: Sandboxes, code: string) {
  const { stdout, compile } = await own.execute({ language: toy.name, code }).result;
  return [stdout, compile?.cached];
}

describe("an operator's toolchain that is replaced while sandboxes are open", () => {
  it("is used from the next compilation on, also when the earlier one is gone, and its products are its own", async () => {
    await using(options("replaced", [toy.name]), async (own) => {
      expect(await run(own, "a")).toEqual(["one\n", false]);
      const old = replace("two");
      expect(await run(own, "a")).toEqual(["two\n", false]);
      rmSync(old, { recursive: true });
      expect(await run(own, "b")).toEqual(["two\n", false]);
      expect(await run(own, "a")).toEqual(["two\n", true]);
    });
    await using(options("replaced"), async (own) => {
      for (const code of ["a", "b"]) expect(await run(own, code)).toEqual(["two\n", true]);
    });
  });

  it("has what its programs start faster with made anew, while those of the earlier one still run", async () => {
    toy.warm = { command: warmCommand('date +%s%N >"$1/made"'), limits: {} };
    try {
      await using(options("warm"), async (own) => {
        const first = await run(own, "a");
        replace("two");
        const second = await run(own, "a");
        expect(String(first[0])).toMatch(/^one\n\d+\n$/);
        expect(String(second[0])).toMatch(/^two\n\d+\n$/);
        expect(String(second[0]).slice(4)).not.toBe(String(first[0]).slice(4));
        expect(await run(own, "a")).toEqual([second[0], true]);
      });
    } finally {
      delete toy.warm;
    }
  });

  it("and that is gone takes its own language along and no other", async () => {
    const own = await openSandboxes(options("gone"));
    try {
      rmSync(tools, { recursive: true });
      const languages = await own.languages();
      const available = (name: string) => languages.find((language) => language.name === name)?.available;
      expect([available(toy.name), available("perl")]).toEqual([false, true]);
    } finally {
      await own.close();
    }
  });
});
