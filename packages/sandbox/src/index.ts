export * from "./api.ts";
export { diagnose } from "./doctor/diagnose.ts";
export { createSandboxes } from "./sandboxes.ts";
