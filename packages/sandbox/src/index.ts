export * from "./api.ts";
export { diagnose } from "./doctor/diagnose.ts";
export { resolveRuntime } from "./languages/registry.ts";
export { createSandboxes } from "./sandboxes.ts";
