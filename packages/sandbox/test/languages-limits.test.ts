// Depends on: cgroups.
/**
 * What the programs of `examples/languages` that meet a limit come to, in every language that has a manifest. Each says
 * hello too: its runtime starts within limits, whoever keeps them.
 */
import { join } from "node:path";
import type { Limits, Runtime } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { runtimes } from "../src/languages/registry.ts";
import { stretched } from "./support/host-slowness.ts";
import { asFile, examples, expectAsItsManifestSays, find, limitPrograms } from "./support/language-examples.ts";
import { sharedSandboxes } from "./support/sandboxes.ts";

const MIB = 1024 * 1024;
const sandboxes = sharedSandboxes();

/** Narrow enough that a bad program meets its limit soon, wide enough that its language starts. */
function limitsOf(name: string, { floor }: Runtime): Partial<Limits> {
  const base = { timeoutMs: stretched(20_000), cpuMs: stretched(20_000) };
  switch (name) {
    case "endless-loop":
      return { timeoutMs: stretched(800) };
    case "memory-bomb":
      return { ...base, memoryBytes: Math.max(128 * MIB, floor.memoryBytes ?? 0) };
    case "fork-bomb":
      return { timeoutMs: stretched(5_000), processes: Math.max(24, floor.processes ?? 0) };
    case "output-flood":
      return { ...base, outputBytes: 64 * 1024 };
    default:
      return base;
  }
}

for (const runtime of runtimes()) {
  const folder = join(examples, runtime.name);
  describe(runtime.title, () => {
    it("says hello", async () => {
      const execution = await sandboxes().execute(asFile(find(folder, "hello"))).result;
      expect(execution).toMatchObject({
        language: runtime.name,
        outcome: { kind: "exited", code: 0, stage: "run" },
        stdout: runtime.tests?.hello.stdout,
        stderr: "",
        error: null,
        artifacts: [],
      });
    });

    for (const name of limitPrograms) {
      it(`ends its bad program ${name} as its manifest says`, { timeout: stretched(60_000) }, async () => {
        const { outcome, error, stderr } = await sandboxes().execute({
          ...asFile(find(join(folder, "bad"), name)),
          limits: limitsOf(name, runtime),
        }).result;
        expectAsItsManifestSays(runtime, name, { outcome, error, stderr });
      });
    }
  });
}
