export { createMemoryStore, defaultKeepBytes } from "./memory-store.ts";
