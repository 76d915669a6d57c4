export * from "./api.ts";
export { diagnose } from "./doctor/diagnose.ts";
export { checkCompilerOptions } from "./languages/compiler-options.ts";
export { languageOfInterpreter } from "./languages/interpreters.ts";
export { missingPackages } from "./languages/packages.ts";
export { knownLanguages, resolveLanguage, resolveRuntime } from "./languages/registry.ts";
export { listLanguages } from "./languages/versions.ts";
export { createSandboxes } from "./sandboxes.ts";
export { warmLanguages } from "./warm-languages.ts";
