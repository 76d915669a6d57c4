import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FinishedExecution, Outcome } from "@glovebox/protocol";
import { expect, it } from "vitest";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import type { ExecutionSpec } from "../api.ts";
import { runnersFolder } from "../runners-folder.ts";
import { listLibraries } from "./libraries.ts";
import { runtimes } from "./registry.ts";

const note = "And the standard library.";
const program = "../python/libraries.py";

/** Lists what the toy language can load, whose program ends as `ending` says. */
async function list(ending: Partial<FinishedExecution>) {
  const specs: ExecutionSpec[] = [];
  const libraries = await listLibraries(toyRuntime({ libraries: { program, note } }), async (spec) => {
    specs.push(spec);
    return { stdout: "", stderr: "", ...ending } as FinishedExecution;
  });
  return { libraries, specs };
}

const fine: Outcome = { kind: "exited", code: 0, stage: "run", violations: [] };
const failed: Outcome = { kind: "exited", code: 3, stage: "run", violations: [] };

it("what programs can load is what a program of the language prints, a name and a version on each line", async () => {
  const { libraries, specs } = await list({ outcome: fine, stdout: "numpy\t1.24.2\nplain\nodd\t\n" });
  expect(libraries).toEqual({
    packages: [
      { name: "numpy", version: "1.24.2" },
      { name: "plain", version: null },
      { name: "odd", version: null },
    ],
    packagesNote: note,
  });
  expect(specs).toEqual([
    {
      language: "toy",
      files: [{ name: "main.toy", content: readFileSync(join(runnersFolder, "python/libraries.py")) }],
      entry: "main.toy",
      limits: { timeoutMs: 30_000, outputBytes: 4 * 1024 * 1024, outputLines: 50_000 },
    },
  ]);
});

it("a program that fails is told, and nothing of what it printed is taken", async () => {
  const { libraries } = await list({ outcome: failed, stdout: "half\t1\n", stderr: "no rubygems\n" });
  expect(libraries).toEqual({
    packages: null,
    packagesNote: `They could not be listed: ${JSON.stringify(failed)} no rubygems`,
  });
});

it("a language without such a program has its note alone, and nothing is run", async () => {
  const refuse = async () => {
    throw new Error("nothing is to be run");
  };
  expect(await listLibraries(toyRuntime({ libraries: { note } }), refuse)).toEqual({
    packages: [],
    packagesNote: note,
  });
  expect(await listLibraries(toyRuntime(), refuse)).toEqual({ packages: null, packagesNote: null });
});

it("every language says what its programs can load, and each program for that is there", () => {
  for (const { name, libraries } of runtimes()) {
    const place = join(runnersFolder, name, libraries?.program ?? "runtime.json");
    expect({ name, note: libraries?.note ?? "", there: existsSync(place) }).toEqual({
      name,
      note: expect.stringMatching(/\.$/),
      there: true,
    });
  }
});
