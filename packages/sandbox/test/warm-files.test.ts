// Depends on: identity.
import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Limits } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec, SandboxOptions } from "../src/index.ts";
import { borrowLanguage, warmCommand } from "./support/borrowed-language.ts";
import { stretched } from "./support/host-slowness.ts";
import { runtimeFolders, runtimeRoot } from "./support/leftovers.ts";
import { checkLeftovers, problemOf, program, temporaryFolder, using } from "./support/sandboxes.ts";

const toy = borrowLanguage();
const folder = temporaryFolder();
checkLeftovers();

/** Has the language make `lines` ahead of time, and runs programs in an instance of its own. Gives what they print. */
async function printed(lines: readonly string[] | undefined, cache: string, ...programs: readonly string[]) {
  return printedWithin({}, lines, cache, ...programs);
}

/** The same with limits for the making. */
async function printedWithin(
  limits: Partial<Limits>,
  lines: readonly string[] | undefined,
  cache: string,
  ...programs: readonly string[]
) {
  if (lines === undefined) delete toy.warm;
  else toy.warm = { command: warmCommand(program(...lines)), limits };
  const log: string[] = [];
  const options: SandboxOptions = {
    pool: { min: 1, max: 1 },
    cacheDir: join(folder(), cache),
    log: (line) => log.push(line),
  };
  const output: string[] = [];
  await using({ ...options, languages: [toy.name] }, async (own) => {
    for (const each of programs) {
      const spec: ExecutionSpec = {
        language: toy.name,
        code: `cat >/glovebox/product/program <<'END'\n${each}\nEND\n`,
      };
      const { stdout, stderr } = await own.execute(spec).result;
      output.push(stdout + stderr);
    }
  });
  return { output, log: log.filter((line) => line.startsWith("Toy")) };
}

/** Instances are opened one after the other. */
const patient = { timeout: stretched(60_000) };
const making = "Toy: making what programs start faster with; this happens once";

describe("what a language makes ahead of time", () => {
  it("is made once, in a sandbox, and seen read-only by its programs and its compiler", patient, async () => {
    const lines = [
      'cd "$1"',
      "mkdir -p deep/er; echo warm >deep/er/file; echo x >closed; chmod 0 closed",
      "date +%s%N >when",
    ];
    const look = "cd /glovebox-warm && find . -mindepth 1 -printf '%P %#m\\n' | sort && cat deep/er/file";
    const write = "echo y >/glovebox-warm/deep/er/file; touch /glovebox-warm/new; rm -f /glovebox-warm/when; true";
    const first = await printed(lines, "once", look, write, "cat /glovebox-warm/when");
    expect(first.output[0]).toBe("closed 0444\ndeep 0755\ndeep/er 0755\ndeep/er/file 0444\nwhen 0444\nwarm\n");
    expect(first.output[1]?.match(/Read-only file system/g)?.length).toBe(3);
    expect(first.log).toEqual([making]);
    const second = await printed(lines, "once", "cat /glovebox-warm/when");
    expect([second.output[0], second.log]).toEqual([first.output[2], []]);
    const elsewhere = await printed(lines, "elsewhere", "cat /glovebox-warm/when");
    expect(elsewhere.output[0]).not.toBe(first.output[2]);
    expect(elsewhere.log).toEqual([making]);
  });

  it("may be nothing at all", async () => {
    const { output, log } = await printed([":"], "nothing", "ls -A /glovebox-warm; echo ran");
    expect([output, log]).toEqual([["ran\n"], [making]]);
  });

  it("is not there for a language that makes nothing", async () => {
    const { output } = await printed(undefined, "none", "[ -e /glovebox-warm ] || echo absent");
    expect(output).toEqual(["absent\n"]);
  });

  it.each([
    [
      "fails",
      "echo because >&2; exit 3",
      {},
      '{"kind":"exited","code":3,"violations":[],"stage":"compile"}): because\n',
    ],
    [
      "never ends",
      "sleep 60",
      { timeoutMs: 1_000 },
      '{"kind":"timed-out","limit":"timeoutMs","violations":[],"stage":"compile"}): ',
    ],
  ])(
    "costs time only when making it %s: programs run without, and the log says why",
    async (_, line, limits, reason) => {
      const { output, log } = await printedWithin(limits, [line], "failed", "[ -e /glovebox-warm ] || echo absent");
      expect(output).toEqual(["absent\n"]);
      expect(log).toEqual([making, `Toy: goes without, because it failed (${reason}`]);
    },
  );

  it("is made anew when somebody changed it on disk", async () => {
    const lines = ['echo good >"$1/file"'];
    expect((await printed(lines, "changed", "cat /glovebox-warm/file")).output).toEqual(["good\n"]);
    const entries = join(folder(), "changed", "warm");
    for (const name of readdirSync(entries)) writeFileSync(join(entries, name), "evil");
    const { output, log } = await printed(lines, "changed", "cat /glovebox-warm/file");
    expect([output, log]).toEqual([["good\n"], [making]]);
  });

  it("is placed again where an earlier attempt to start the language failed", async () => {
    toy.warm = { command: warmCommand('echo warm >"$1/file"'), limits: {} };
    const options = { languages: ["python"], pool: { min: 0, max: 1 }, cacheDir: join(folder(), "again") };
    await using(options, async (own) => {
      const spec = { language: toy.name, code: "echo 'cat /glovebox-warm/file' >/glovebox/product/program" };
      const found = runtimeFolders().flatMap((instance) =>
        readdirSync(join(runtimeRoot, instance), { recursive: true, encoding: "utf8" })
          .filter((path) => /(^|\/)etc$/.test(path))
          .map((path) => join(runtimeRoot, instance, path)),
      );
      const [place = ""] = found;
      expect(found.length).toBe(1);
      renameSync(place, `${place}-hidden`);
      expect((await problemOf(own.execute(spec).result)).code).toBe("sandbox-unavailable");
      renameSync(`${place}-hidden`, place);
      expect((await own.execute(spec).result).stdout).toBe("warm\n");
    });
  });
});
