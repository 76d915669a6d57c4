import { randomUUID } from "node:crypto";
import {
  type Execution,
  type ExecutionPage,
  type ExecutionSummary,
  executionSchema,
  type FinishedExecution,
  type Isolation,
  type Language,
  type LanguageQuery,
  ProblemError,
  type Program,
  type Programs,
  parseExecutionRequest,
  type SandboxStats,
} from "@glovebox/protocol";
import type { LoggedEvent } from "./events.ts";
import { executionBytes } from "./execution-bytes.ts";
import { keptEvents } from "./kept-reader.ts";
import { LiveExecution, type PerformIo } from "./live-execution.ts";
import type { ExecutionFilter, ExecutionStore, QueuedExecution, StoredArtifact } from "./ports.ts";
import { defaultMaxWaitingBytes, WaitingRequests } from "./waiting-requests.ts";

/**
 * Owns the executions, for HTTP and for the command line alike: each is accepted, which records it, performed, which
 * runs its program, and kept by the store. `live-execution.ts` is the way of one, `event-log.ts` its events.
 *
 * The engine is open until `drain()`, then closing for good: it accepts nothing more and lets what it has end. It does
 * not own what runs the programs; whoever made it closes it after the drain.
 */
export interface Engine {
  readonly isolation: Isolation;
  readonly closing: boolean;
  stats(): SandboxStats;
  /** Every language, or those named, with its version on this host or the command that installs it. */
  languages(query?: LanguageQuery): Promise<readonly Language[]>;
  /** Takes a request from outside: parses, resolves and records it. Throws `ProblemError`; nothing is kept then. */
  accept(input: unknown, options?: AcceptOptions): Promise<Accepted>;
  /** The same for a program that the same `Programs` has resolved. */
  acceptProgram(program: Program, options?: AcceptOptions): Promise<Accepted>;
  /**
   * Runs an accepted execution, once. Rejects with the `ProblemError` of one that never started, which has then the
   * status `rejected`; what happens to a started program is an outcome.
   */
  perform(id: string, io?: PerformIo): Promise<FinishedExecution>;
  /** Throws `not-found`, as all that follow do. */
  get(id: string): Promise<Execution>;
  summary(id: string): Promise<ExecutionSummary>;
  /** What `get` gives, as JSON. */
  json(id: string): Promise<Uint8Array>;
  /** Throws `invalid-request` for a cursor that is none. */
  list(filter?: ExecutionFilter): Promise<ExecutionPage>;
  /** Ends one that is queued or runs; does nothing to one that is over. */
  cancel(id: string, how?: { readonly graceMs?: number }): Promise<Execution>;
  /** Forgets one that is over. Throws `execution-running`. */
  remove(id: string): Promise<void>;
  /** The events after `afterSeq` (default: all), first those that have been, then those that come, to the last one. */
  events(id: string, afterSeq?: number): AsyncIterable<LoggedEvent>;
  /** Throws `content-not-kept` as well. */
  artifact(id: string, path: string): Promise<StoredArtifact>;
  /** Accepts nothing from now on; resolves when all is over. What nobody performs is rejected. */
  drain(): Promise<void>;
}

export interface AcceptOptions {
  /** Warnings of the caller, put before the others in the record. */
  readonly warnings?: readonly string[];
  /** Size of the request, of one that may wait for a sandbox without a limit of time: `sandbox-busy` bounds these. */
  readonly waitingBytes?: number;
}

export interface Accepted {
  readonly id: string;
  /** As it was accepted: queued. */
  readonly execution: Execution;
}

export interface EngineOptions {
  /** Bytes of events that are held for each execution. Default 4 MiB. */
  readonly windowBytes?: number;
  /** Bytes of requests that may wait without a limit of time. Default 128 MiB. */
  readonly maxWaitingBytes?: number;
}

export function createEngine(programs: Programs, store: ExecutionStore, options: EngineOptions = {}): Engine {
  const live = new Map<string, LiveExecution>();
  const waiting = new WaitingRequests(options.maxWaitingBytes ?? defaultMaxWaitingBytes);
  let closing = false;
  let nothingLive = () => {};

  function refuseWhenClosing(): void {
    if (closing) throw new ProblemError("closed", "the server takes no new executions");
  }

  async function acceptProgram(program: Program, { warnings = [], waitingBytes }: AcceptOptions = {}) {
    refuseWhenClosing();
    const started = waitingBytes === undefined ? () => {} : waiting.take(waitingBytes);
    const queued = queuedExecution(program);
    const { id } = queued;
    const over = () => {
      live.delete(id);
      if (live.size === 0) nothingLive();
    };
    try {
      await store.add(queued);
    } catch (error) {
      started();
      throw error;
    }
    const context = { programs, store, windowBytes: options.windowBytes, started, over };
    const execution = new LiveExecution(queued, program, warnings, context);
    live.set(id, execution);
    if (closing) await execution.reject(new ProblemError("closed", "the server is shutting down"));
    return { id, execution: queued };
  }

  async function summary(id: string): Promise<ExecutionSummary> {
    const found = await store.summary(id);
    if (found === undefined) throw noExecution(id);
    return found;
  }

  async function json(id: string): Promise<Uint8Array> {
    const running = live.get(id);
    if (running !== undefined) return executionBytes(running.execution);
    const found = await store.json(id);
    if (found === undefined) throw noExecution(id);
    return found;
  }

  async function get(id: string): Promise<Execution> {
    return live.get(id)?.execution ?? executionSchema.parse(JSON.parse(Buffer.from(await json(id)).toString()));
  }

  return {
    isolation: programs.isolation,
    get closing() {
      return closing;
    },
    stats: () => programs.stats(),
    languages: (query) => programs.languages(query),
    async accept(input, { warnings = [], ...rest } = {}) {
      refuseWhenClosing();
      const parsed = parseExecutionRequest(input);
      const program = await programs.resolve(parsed.request);
      return acceptProgram(program, { ...rest, warnings: [...warnings, ...parsed.warnings] });
    },
    acceptProgram,
    async perform(id, io = {}) {
      const execution = live.get(id);
      if (execution === undefined) throw noExecution(id);
      return execution.perform(io);
    },
    get,
    summary,
    json,
    list: (filter = {}) => store.list(filter),
    async cancel(id, how) {
      await live.get(id)?.cancel(how);
      return get(id);
    },
    async remove(id) {
      if (live.has(id)) throw new ProblemError("execution-running", `the execution ${id} is not over`);
      if (!(await store.remove(id))) throw noExecution(id);
    },
    events(id, afterSeq = -1) {
      const log = live.get(id)?.log;
      if (log !== undefined) return log.read(afterSeq);
      return (async function* () {
        await summary(id);
        yield* keptEvents(store, id, afterSeq);
      })();
    },
    async artifact(id, path) {
      await summary(id);
      const found = await store.artifact(id, path);
      if (found === undefined) throw new ProblemError("not-found", `the execution made no file ${quoted(path)}`);
      const { read } = found;
      if (read === undefined) {
        throw new ProblemError("content-not-kept", `the content of ${quoted(path)} was not kept`);
      }
      return { ...found, read };
    },
    async drain() {
      closing = true;
      for (const execution of live.values()) {
        if (execution.isIdle) await execution.reject(new ProblemError("closed", "the server is shutting down"));
      }
      if (live.size > 0) await new Promise<void>((resolve) => (nothingLive = chained(nothingLive, resolve)));
    },
  };
}

function chained(first: () => void, second: () => void): () => void {
  return () => {
    first();
    second();
  };
}

function queuedExecution({ language, limits, compileLimits, metadata }: Program): QueuedExecution {
  return {
    id: randomUUID(),
    status: "queued",
    language,
    limits,
    ...(compileLimits === undefined ? {} : { compileLimits }),
    createdAt: new Date().toISOString(),
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
  };
}

/** A name of the caller's, of which a message tells the begin: it can be long. */
const quoted = (name: string) => JSON.stringify(name.slice(0, 200));

function noExecution(id: string): ProblemError {
  return new ProblemError("not-found", `there is no execution ${quoted(id)}, or none any more`);
}
