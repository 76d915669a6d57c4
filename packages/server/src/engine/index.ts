export { type Accepted, type AcceptOptions, createEngine, type Engine, type EngineOptions } from "./engine.ts";
export { type EngineEvent, isOutput, type KeptEvents, type LoggedEvent } from "./events.ts";
export { executionBytes } from "./execution-bytes.ts";
export type { PerformIo } from "./live-execution.ts";
export type {
  ByteRange,
  ExecutionFilter,
  ExecutionStore,
  ListedArtifact,
  OverExecution,
  QueuedExecution,
  StoredArtifact,
  StoreUsage,
} from "./ports.ts";
