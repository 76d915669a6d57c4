// Depends on: nothing.
/**
 * The programs of `examples/languages` in every language that has a manifest: adding a language adds its tests. What
 * each program does is said in `tests` of the manifest. Those that meet a limit are in languages-limits.test.ts.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Runtime, Value } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { fill } from "../src/languages/command.ts";
import { runtimes } from "../src/languages/registry.ts";
import { requireToolchain } from "../src/languages/toolchain.ts";
import { runnersFolder } from "../src/runners-folder.ts";
import { stretched } from "./support/host-slowness.ts";
import {
  asFile,
  asFolder,
  errorPrograms,
  examples,
  expectAsItsManifestSays,
  find,
  limitPrograms,
} from "./support/language-examples.ts";
import { sharedSandboxes, temporaryFolder, untilPrinted } from "./support/sandboxes.ts";

const scratch = temporaryFolder();
const sandboxes = sharedSandboxes();

/** Runs the command of the manifest on this host: it reads the program and does not run it. */
function check(runtime: Runtime, program: string) {
  const toolchain = requireToolchain(runtime, []);
  const entry = join(scratch(), runtime.mainFile);
  copyFileSync(program, entry);
  const values = { ...toolchain.tools, runner: join(runnersFolder, runtime.name), entry };
  const [command = "", ...args] = fill(runtime.check ?? [], values);
  const env = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8", HOME: scratch(), TMPDIR: scratch() };
  return spawnSync(command, args, { cwd: scratch(), env, encoding: "utf8", timeout: stretched(25_000) });
}

const input = JSON.parse(readFileSync(join(examples, "input.json"), "utf8")) as {
  parameters: Record<string, Value>;
  data: Value;
};

it("there are fourteen languages, each with its test programs", () => {
  expect(runtimes().map(({ name }) => name)).toEqual([
    "bash",
    "c",
    "cpp",
    "go",
    "java",
    "javascript",
    "lua",
    "perl",
    "php",
    "python",
    "r",
    "ruby",
    "rust",
    "typescript",
  ]);
  for (const { name, tests } of runtimes()) {
    expect({ name, bad: Object.keys(tests?.bad ?? {}).sort() }).toEqual({
      name,
      bad: [...limitPrograms, ...errorPrograms].sort(),
    });
  }
});

for (const runtime of runtimes()) {
  const folder = join(examples, runtime.name);
  describe(runtime.title, () => {
    it("says hello as inline code", async () => {
      const code = readFileSync(find(folder, "hello"), "utf8");
      const execution = await sandboxes().execute({ language: runtime.name, code }).result;
      expect(execution).toMatchObject({ stdout: runtime.tests?.hello.stdout, stderr: "", artifacts: [] });
    });

    const given = { args: ["one two", "", "three"], env: { GREETING: "good day" }, stdin: "first line\nsecond line\n" };
    const printed = "one two||three\ngood day\n/workspace\nfirst line\n";

    it("has arguments, environment, folder, input, outputs and exit status", async () => {
      const { stdout, stderr, outcome } = await sandboxes().execute({ ...asFile(find(folder, "process")), ...given })
        .result;
      expect({ stdout, stderr }).toEqual({ stdout: `${printed}end\n`, stderr: "to stderr\n" });
      expect(outcome).toMatchObject({ kind: "exited", code: 7, stage: "run" });
    });

    it("has its output come while it runs", async () => {
      const { files, entry } = asFile(find(folder, "process"));
      // Before its last line the program sleeps for 0.3 s, which are a minute here: nothing else brings the others out.
      const [{ name, content } = { name: "", content: "" }] = files;
      const longer = content.replace(/\b(0\.3|300|300000)\b/, (time) => String(Number(time) * 200));
      expect(longer).not.toBe(content);
      const run = sandboxes().execute({ files: [{ name, content: longer }], entry, ...given });
      await untilPrinted(run, printed);
      run.cancel();
      const { stdout, outcome } = await run.result;
      expect([stdout, outcome.kind]).toEqual([printed, "cancelled"]);
    });

    it("has several files, of which one is the main file", async () => {
      const execution = await sandboxes().execute(asFolder(join(folder, "several"))).result;
      expect(execution).toMatchObject({ stdout: "twice 21 is 42\n", stderr: "", artifacts: [] });
    });

    it("ends at the interrupt of a cancel, before its grace is over", async () => {
      const run = sandboxes().execute(asFile(find(join(folder, "bad"), "endless-loop")));
      for await (const event of run.events()) if (event.type === "started") break;
      await setTimeout(stretched(400));
      const asked = performance.now();
      run.cancel({ graceMs: stretched(20_000) });
      expect((await run.result).outcome).toMatchObject({ kind: "cancelled", stage: "run" });
      expect(performance.now() - asked).toBeLessThan(stretched(20_000));
    });

    it("reads its input and saves results", async () => {
      const execution = await sandboxes().execute({ ...asFile(find(folder, "data")), ...input }).result;
      expect(execution).toMatchObject({ stdout: "North: 58\n", stderr: "", error: null });
      expect(execution.results).toEqual({ station: "North", total: 58, largest: 26 });
      expect(execution.outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
    });

    it("has a command that checks the syntax without running anything", () => {
      expect(check(runtime, find(folder, "hello"))).toMatchObject({ status: 0 });
      const broken = check(runtime, find(join(folder, "bad"), "syntax-error"));
      expect(broken.status).toBeGreaterThan(0);
      expect(broken.stderr + broken.stdout).not.toBe("");
      expect(check(runtime, find(join(folder, "bad"), "endless-loop")).status).toBe(0);
    });

    for (const name of errorPrograms) {
      it(`ends its bad program ${name} as its manifest says`, { timeout: stretched(60_000) }, async () => {
        const { outcome, error, stderr } = await sandboxes().execute({
          ...asFile(find(join(folder, "bad"), name)),
          limits: { timeoutMs: stretched(20_000), cpuMs: stretched(20_000) },
        }).result;
        expectAsItsManifestSays(runtime, name, { outcome, error, stderr });
      });
    }
  });
}
