// Depends on: nothing.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SandboxOptions } from "../src/index.ts";
import { borrowLanguage, warmCommand } from "./support/borrowed-language.ts";
import { stretched } from "./support/host-slowness.ts";
import { exited } from "./support/outcomes.ts";
import { checkLeftovers, program, temporaryFolder, using } from "./support/sandboxes.ts";
import { staged } from "./support/staged.ts";

const toy = borrowLanguage();
const folder = temporaryFolder();
checkLeftovers();

const options = (cache: string, more: SandboxOptions = {}): SandboxOptions => ({
  languages: [],
  pool: { min: 0, max: 1 },
  cacheDir: join(folder(), cache),
  ...more,
});
const cached = (cache: string, kind: "compiled" | "warm") => readdirSync(join(folder(), cache, kind));
/** Thousands of files take a busy machine a while. */
const patient = { timeout: stretched(90_000) };
const leftOut = /^glovebox: the compiler's product is not used, because files of it were left out: /;

/** A program whose compiler does what the lines say in the folder of the product, after it made the program. */
const making = (...lines: readonly string[]) => ({
  language: toy.name,
  code: program("cd /glovebox/product", "echo 'ls /glovebox/product | wc -l; echo ran' >program", ...lines),
});

describe("a product of which a file would be missing", () => {
  it.each([
    [
      "because there are too many",
      ["for i in $(seq 10100); do echo $i >f$i; done"],
      '"f9910" (more than 10000 files), 98 more\n',
    ],
    [
      "because of a name that cannot be printed",
      ["echo x >\"$(printf 'new\\nline')\""],
      '"new\\\\nline" (the name has',
    ],
    ["because of a name that is no text", ["echo x >\"$(printf 'bad\\377name')\""], "(the name has"],
  ])("%s is none: compiling has failed, says which, and fails again", patient, async (_, lines, named) => {
    await using(options("incomplete"), async (own) => {
      for (const _time of [1, 2]) {
        const { outcome, stdout, stderr, compile } = await own.execute(making(...lines)).result;
        expect([outcome, stdout, compile?.cached]).toEqual([exited(1, "compile"), "", false]);
        expect(stderr).toMatch(leftOut);
        expect(stderr).toContain(named);
        expect(compile).toMatchObject({ outcome, stderr });
      }
      expect([cached("incomplete", "compiled"), staged()]).toEqual([[], []]);
    });
  });

  it("because it is larger than its disk, though it is of holes, has met that limit", async () => {
    await using(options("holes"), async (own) => {
      const spec = making("for i in 1 2 3; do truncate -s 700K f$i; done");
      const { outcome, stderr } = await own.execute({ ...spec, compileLimits: { diskBytes: 1024 * 1024 } }).result;
      expect(outcome).toEqual({ kind: "disk-limit", stage: "compile", violations: [] });
      expect(stderr).toMatch(leftOut);
      expect(cached("holes", "compiled")).toEqual([]);
    });
  });

  it("control: with more files than a program's own may be, and links besides, it is there", async () => {
    await using(options("whole"), async (own) => {
      const spec = making("for i in $(seq 1499); do echo $i >f$i; done", "ln -s program link");
      expect((await own.execute(spec).result).stdout).toBe("1500\nran\n");
    });
  });
});

describe("files for a language made ahead of time, of which one would be missing", () => {
  it("are not used and not kept, and the log says why", patient, async () => {
    toy.warm = {
      command: warmCommand('cd "$1"; for i in $(seq 10100); do echo $i >f$i; done'),
      limits: {},
    };
    const log: string[] = [];
    await using(options("warm", { log: (line) => log.push(line) }), async (own) => {
      const code = "echo '[ -e /glovebox-warm ] || echo absent' >/glovebox/product/program";
      expect((await own.execute({ language: toy.name, code }).result).stdout).toBe("absent\n");
    });
    delete toy.warm;
    expect(log[1]).toMatch(/^Toy: goes without, because it failed .*: glovebox: the compiler's product is not used/);
    expect(cached("warm", "warm")).toEqual([]);
  });
});
