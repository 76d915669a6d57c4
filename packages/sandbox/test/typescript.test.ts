// Depends on: cgroups.
/** TypeScript that needs its compiler, within the walls. What it becomes is tested beside the runner. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exited } from "./support/outcomes.ts";
import { program, sharedSandboxes } from "./support/sandboxes.ts";

const page = join(import.meta.dirname, "../../../examples/languages/typescript/page.tsx");
const sandboxes = sharedSandboxes(() => ({ languages: ["typescript"] }));

it("a .tsx file is TypeScript, and runs with a runtime of its own", async () => {
  const files = [{ name: "page.tsx", content: readFileSync(page, "utf8") }];
  const execution = await sandboxes().execute({ files, entry: "page.tsx" }).result;
  expect(execution).toMatchObject({ language: "typescript", stderr: "", outcome: exited(0) });
  expect(execution.stdout).toBe('<ul class="products"><li>apples: 3</li><li>pears: 4</li></ul>\n');
});

it("decorators run in 128 MiB, as tsconfig.json has them, and are blamed at their lines", async () => {
  const lines = [
    "function mark(target: Function) {",
    "  throw new RangeError(target.name);",
    "}",
    "@mark",
    "class Part {}",
  ];
  const files = [
    { name: "main.ts", content: program(...lines) },
    { name: "tsconfig.json", content: '{ "compilerOptions": { "experimentalDecorators": true } }' },
  ];
  const limits = { memoryBytes: 128 * 1024 * 1024 };
  const { error, outcome } = await sandboxes().execute({ files, entry: "main.ts", limits }).result;
  expect(outcome).toMatchObject(exited(1));
  expect(error).toMatchObject({ type: "RangeError", message: "Part", line: 2 });
});
