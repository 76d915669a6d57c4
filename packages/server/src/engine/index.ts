export { createEngine, type Engine, type ExecuteOptions } from "./engine.ts";
export type { ExecutionSpec, Run, RunEvent, RunOptions, SandboxPort } from "./ports.ts";
export type { HostSources } from "./spec.ts";
