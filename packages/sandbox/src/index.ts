export * from "./api.ts";
export { createSandboxes } from "./sandboxes.ts";
