import { type Runtime, runtimeSchema } from "@glovebox/protocol";
import { type Toolchain, toolchainState } from "../../src/languages/toolchain.ts";

/** The manifest of a language that there is not, whose programs one tool runs. `change` replaces fields of it. */
export function toyRuntime(change: object = {}): Runtime {
  return runtimeSchema.parse({
    name: "toy",
    title: "Toy",
    aliases: [],
    extensions: [".toy"],
    mainFile: "main.toy",
    tools: { toy: ["toy"] },
    version: { command: ["{toy}"], pattern: "\\d+" },
    packages: ["toy"],
    start: "command",
    run: ["{toy}"],
    ...change,
  });
}

/** A toolchain in the state in which its tools and folders are now. */
export function toolchainNow(parts: Omit<Toolchain, "state">): Toolchain {
  return { ...parts, state: toolchainState(parts) };
}
