// Depends on: identity, cgroups.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { borrowLanguage } from "./support/borrowed-language.ts";
import { patience, stretched } from "./support/host-slowness.ts";
import { exited } from "./support/outcomes.ts";
import { running } from "./support/processes.ts";
import { program, sharedSandboxes, temporaryFolder } from "./support/sandboxes.ts";
import { staged } from "./support/staged.ts";

const { name: language } = borrowLanguage();
const folder = temporaryFolder();
const sandboxes = sharedSandboxes(() => ({ languages: [language], cacheDir: join(folder(), "cache") }));
const run = (spec: ExecutionSpec) => sandboxes().execute(spec).result;

/** A program that prints a word, and whose compiler does what the lines say. */
const compiling = (lines: readonly string[], word: string): ExecutionSpec => ({
  language,
  code: program(...lines, `echo 'echo ${word}' >/glovebox/product/program`),
});

describe("a compiler that others wait for", () => {
  const patient = { timeout: stretched(60_000) };

  it("and that is cancelled does not take them along: the next of them compiles", patient, async () => {
    const spec = compiling(["sleep 54323"], "never");
    const compiles = () => expect.poll(() => running("sleep 54323").length, patience).toBe(1);
    const first = sandboxes().execute(spec);
    await compiles();
    const others = [1, 2].map(() => sandboxes().execute(spec));
    // While a later run is compiled, those two would have come to a compiler of their own.
    expect((await run(compiling([], "meanwhile"))).stdout).toBe("meanwhile\n");
    await compiles();
    for (const each of [first, ...others]) {
      await compiles();
      each.cancel();
      expect((await each.result).outcome).toMatchObject({ kind: "cancelled", stage: "compile" });
    }
  });

  it("and that fails has failed for all of them that have the same limits", async () => {
    const spec = compiling(["echo sorry >&2", "sleep 1", "exit 3"], "never");
    const { started } = sandboxes().stats();
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map(() => run(spec)));
    for (const { outcome, stderr, compile } of all) {
      expect([outcome, stderr]).toEqual([exited(3, "compile"), "sorry\n"]);
      expect(compile).toEqual(all[0]?.compile);
    }
    expect(sandboxes().stats()).toMatchObject({ started, running: 0, waiting: 0 });
  });

  it("and that fails is tried again by each of them with its own limits", patient, async () => {
    const spec = compiling(["sleep 1.5"], "limits");
    const [short, long] = [
      run({ ...spec, compileLimits: { timeoutMs: 300 } }),
      run({ ...spec, compileLimits: { timeoutMs: stretched(20_000) } }),
    ];
    expect((await short).outcome).toMatchObject({ kind: "timed-out", stage: "compile" });
    expect((await long).stdout).toBe("limits\n");
  });

  it("leaves none of its folders behind, however it ends", async () => {
    const before = staged();
    await run({ language, code: "exit 1" });
    await run({ language, code: "kill -SEGV $$" });
    await run({ language, code: "sleep 60", compileLimits: { timeoutMs: 200 } });
    const cancelled = sandboxes().execute({ language, code: "sleep 61" });
    await expect.poll(() => running("sleep 61").length, patience).toBe(1);
    cancelled.cancel();
    await cancelled.result;
    expect(staged()).toEqual(before);
  });
});
