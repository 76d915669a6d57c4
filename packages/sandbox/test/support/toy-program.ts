import { defaultLimits, type Program } from "@glovebox/protocol";

/** A program of nothing, as a request that asks for nothing is resolved. `change` replaces fields of it. */
export function toyProgram(change: Partial<Program> = {}): Program {
  return {
    language: "toy",
    files: [],
    args: [],
    env: {},
    parameters: {},
    data: null,
    limits: defaultLimits,
    compilerOptions: [],
    returnVariables: [],
    warnings: [],
    ...change,
  };
}
