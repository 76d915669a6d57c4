import type {
  Artifact,
  ArtifactSink,
  Execution,
  ExecutionPage,
  ExecutionStatus,
  ExecutionSummary,
  OutcomeKind,
} from "@glovebox/protocol";
import type { KeptEvents } from "./events.ts";

/** Which executions are listed. The newest come first. */
export interface ExecutionFilter {
  readonly language?: string;
  readonly status?: ExecutionStatus;
  readonly outcome?: OutcomeKind;
  /** Executions of one page, 1 to 500. Default 50. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file that a program made, with its content. */
export interface StoredArtifact extends Artifact {
  read(range?: ByteRange): AsyncIterable<Uint8Array> | Uint8Array;
}

/** A file that a program made; without `read` its content was not kept. */
export type ListedArtifact = Artifact & Partial<Pick<StoredArtifact, "read">>;

export type QueuedExecution = Extract<Execution, { status: "queued" }>;
export type OverExecution = Extract<Execution, { status: "finished" | "rejected" }>;

/** What a store holds. */
export interface StoreUsage {
  readonly executions: number;
  /** Bytes of records, events and artifacts. */
  readonly bytes: number;
}

/**
 * Keeps executions. States only go forward: queued, running, over; what would lead back is ignored. It may forget those
 * that are over, the first first, and never another one.
 */
export interface ExecutionStore {
  add(execution: QueuedExecution): Promise<void>;
  start(id: string, startedAt: string): Promise<void>;
  finish(execution: OverExecution, kept: KeptEvents): Promise<void>;
  summary(id: string): Promise<ExecutionSummary | undefined>;
  /** The whole execution as JSON. */
  json(id: string): Promise<Uint8Array | undefined>;
  /** A page, the newest first. A cursor goes on where its page ended, whatever has come since. */
  list(filter: ExecutionFilter): Promise<ExecutionPage>;
  /** The events of an execution that is over. */
  events(id: string): Promise<KeptEvents | undefined>;
  /** Takes the content of artifacts; undefined when none is wanted. */
  artifacts(id: string): ArtifactSink | undefined;
  /** A file of an execution that is finished. */
  artifact(id: string, path: string): Promise<ListedArtifact | undefined>;
  /** Forgets an execution that is over; false when there is none. */
  remove(id: string): Promise<boolean>;
  usage(): Promise<StoreUsage>;
}
