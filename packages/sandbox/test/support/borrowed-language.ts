import { type Runtime, runtimeSchema } from "@glovebox/protocol";
import { afterAll, beforeAll } from "vitest";
import { runtimes } from "../../src/languages/registry.ts";

/** Every language has a folder of scripts, and this is one of a part that is no language. */
const folder = "nursery";

/**
 * A language for the tests of one file, whose "compiler" is a shell that runs the source and whose programs are what
 * that leaves as `program` in the product, run by a shell too. It lets a test say what a compiler does. Its name is
 * `nursery`. `change` replaces fields of its manifest, and what comes back can be changed between two sandboxes.
 */
export function borrowLanguage(change: object = {}): Runtime {
  const runtime: Runtime = runtimeSchema.parse({
    name: folder,
    title: "Toy",
    aliases: [],
    extensions: [".toy"],
    mainFile: "main.toy",
    tools: { shell: ["sh"] },
    version: { command: ["{shell}", "-c", "echo 1.0"], pattern: "\\d+\\.\\d+" },
    packages: ["dash"],
    start: "command",
    run: ["{shell}", "{product}/program", "{args}"],
    compile: { command: ["{shell}", "{entry}"], sources: [".toy"] },
    ...change,
  });
  const known = runtimes() as Runtime[];
  beforeAll(() => void known.push(runtime));
  afterAll(() => void known.splice(known.indexOf(runtime), 1));
  return runtime;
}
