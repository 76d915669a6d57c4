// Depends on: nothing.
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import type { Run, Sandboxes } from "../src/index.ts";
import { eventually } from "./support/host-slowness.ts";
import { sharedSandboxes } from "./support/sandboxes.ts";

/* What runs leave in the memory of the host's process, and how large a record may grow. */

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const sandboxes = sharedSandboxes({ pool: { min: 1, max: 1 }, languages: ["python", "perl"] });

/** Runs a program many times at once, and forgets the runs but for weak references. */
async function forgotten(where: Sandboxes, count: number): Promise<WeakRef<Run>[]> {
  const runs = Array.from({ length: count }, () => where.execute({ code: "print('x' * 100_000)" }));
  await Promise.all(runs.map((run) => run.result));
  return runs.map((run) => new WeakRef(run));
}

it("a run that is over is held by nothing, whether it waited for its sandbox or not", async () => {
  const references = await forgotten(sandboxes(), 12);
  await eventually("no run is held any more", async () => {
    await sleep(20);
    collectGarbage();
    return references.every((reference) => reference.deref() === undefined) || undefined;
  });
});

it("an error names a line of source by its beginning, however long the line is and however often it is named", async () => {
  const long = `${"x".repeat(1_000_000)};\n`;
  const code = 'print STDERR "x at data line 1.\\n", map { " at data line 1\\n\\tmain::f() called" } 1 .. 200; exit 1;';
  const run = sandboxes().execute({ language: "perl", code, files: [{ name: "data", content: long }] });
  const execution = await run.result;
  const sources = execution.error?.frames.map(({ source }) => source?.length);
  expect(sources?.length).toBeGreaterThan(0);
  expect(new Set(sources)).toEqual(new Set([500]));
  expect(JSON.stringify(execution).length).toBeLessThan(200_000);
});

it("the same holds for errors that a runner sends", async () => {
  const code = `def f(n): return 1 / n, "${"x".repeat(5_000)}"\nf(0)`;
  const { error } = await sandboxes().execute({ code }).result;
  expect(error?.type).toBe("ZeroDivisionError");
  expect(Math.max(...(error?.frames ?? []).map(({ source }) => source?.length ?? 0))).toBe(500);
});
