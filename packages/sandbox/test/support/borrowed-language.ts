import type { Runtime } from "@glovebox/protocol";
import { afterAll, beforeAll } from "vitest";
import { runtimes } from "../../src/languages/registry.ts";
import { toyRuntime } from "./toy-runtime.ts";

/** Every language has a folder of scripts, and this is one of a part that is no language. */
const folder = "nursery";

/** Has the tests of one file know a language that there is not. */
export function knowLanguage(runtime: Runtime): void {
  const known = runtimes() as Runtime[];
  beforeAll(() => void known.push(runtime));
  afterAll(() => void known.splice(known.indexOf(runtime), 1));
}

/**
 * A language for the tests of one file, whose "compiler" is a shell that runs the source and whose programs are what
 * that leaves as `program` in the product, run by a shell too. It lets a test say what a compiler does. Its name is
 * `nursery`. `change` replaces fields of its manifest, and what comes back can be changed between two sandboxes.
 */
export function borrowLanguage(change: object = {}): Runtime {
  const runtime = toyRuntime({
    name: folder,
    tools: { shell: ["sh"] },
    version: { command: ["{shell}", "-c", "echo 1.0"], pattern: "\\d+\\.\\d+" },
    packages: ["dash"],
    run: ["{shell}", "{product}/program", "{args}"],
    compile: { command: ["{shell}", "{entry}"], sources: [".toy"] },
    ...change,
  });
  knowLanguage(runtime);
  return runtime;
}

/** The command of a language that has a shell make what is kept ready; the folder for it is `$1`. */
export function warmCommand(script: string): string[] {
  return ["/bin/sh", "-c", script, "warm", "{product}"];
}

/** A line of a shell that sends a message as a runner does. */
export function sendsFrame(message: string): string {
  const length = message.length.toString(8).padStart(3, "0");
  return `printf '\\000\\000\\000\\${length}%s' '${message}' >&4`;
}
