import {
  type ArtifactSink,
  type Execution,
  type FinishedExecution,
  finishedExecution,
  type Isolation,
  type Problem,
  ProblemError,
  type Program,
  type ProgramEnd,
  type ProgramEvent,
  type ProgramRun,
  type Programs,
} from "@glovebox/protocol";
import { EventLog } from "./event-log.ts";
import { withoutOutput } from "./events.ts";
import type { ExecutionStore, OverExecution, QueuedExecution } from "./ports.ts";

/** How an accepted execution is performed. */
export interface PerformIo {
  /** Cancels it when it aborts, without a grace. */
  readonly signal?: AbortSignal;
  /** Keep stdout and stderr for the record. Default true; false where the caller reads them as events. */
  readonly collectOutput?: boolean;
  /** Takes the content of artifacts. Default: the store. */
  readonly artifacts?: ArtifactSink;
  /** Time to wait for a sandbox, in milliseconds. Default: that of the host. */
  readonly waitMs?: number;
}

export interface LiveContext {
  readonly programs: Programs;
  readonly store: ExecutionStore;
  readonly windowBytes: number | undefined;
  /** Told once when it has a sandbox, or is over without. */
  readonly started: () => void;
  /** Told once when it is over and stored. */
  readonly over: () => void;
}

/*
 * One execution from its acceptance to its end.
 *
 * queued -> [performed: running] -> finished | rejected. It is performed once. The store hears of each state before the
 * readers of the events do, so that whoever has read the last event finds the record.
 */
export class LiveExecution {
  readonly log: EventLog;
  readonly #program: Program;
  readonly #warnings: readonly string[];
  readonly #context: LiveContext;
  #execution: Execution;
  #run: ProgramRun | undefined;
  /** The writes to the store, one after the other. */
  #stored: Promise<void> = Promise.resolve();
  #startTold = false;
  #over = false;

  /** `warnings`: those of the request, for the record. The store has the execution already. */
  constructor(queued: QueuedExecution, program: Program, warnings: readonly string[], context: LiveContext) {
    this.#execution = queued;
    this.#program = program;
    this.#warnings = warnings;
    this.#context = context;
    const { windowBytes } = context;
    this.log = new EventLog({
      resume: () => this.#run?.resume(),
      ...(windowBytes === undefined ? {} : { windowBytes }),
    });
  }

  get execution(): Execution {
    return this.#execution;
  }

  async perform(io: PerformIo): Promise<FinishedExecution> {
    if (this.#run !== undefined) throw new Error(`the execution ${this.#execution.id} was performed before`);
    if (this.#execution.status === "finished") return this.#execution;
    if (this.#execution.status === "rejected") throw problemErrorOf(this.#execution.problem);
    const { programs, store } = this.#context;
    const { id } = this.#execution;
    const artifacts = io.artifacts ?? store.artifacts(id);
    this.#run = programs.run(this.#program, {
      id,
      on: (event) => this.#told(event),
      ...(io.signal === undefined ? {} : { signal: io.signal }),
      ...(io.collectOutput === undefined ? {} : { collectOutput: io.collectOutput }),
      ...(artifacts === undefined ? {} : { artifacts }),
      ...(io.waitMs === undefined ? {} : { waitMs: io.waitMs }),
    });
    let end: ProgramEnd;
    try {
      end = await this.#run.end;
    } catch (error) {
      await this.reject(error);
      throw error;
    }
    return this.#finish(end);
  }

  async cancel(how?: { readonly graceMs?: number }): Promise<void> {
    if (this.#run !== undefined) this.#run.cancel(how);
    else if (!this.#over) await this.#finish(neverStarted(this.#context.programs.isolation, this.#program.warnings));
  }

  /** Ends it without a start. */
  async reject(error: unknown): Promise<void> {
    const problem =
      error instanceof ProblemError ? error : new ProblemError("internal-error", "the program could not be run");
    const { id, language, limits, compileLimits, createdAt, metadata } = this.#execution;
    const execution: OverExecution = {
      status: "rejected",
      ...{ id, language, limits, createdAt, finishedAt: new Date().toISOString(), problem: problem.toProblem() },
      ...(compileLimits === undefined ? {} : { compileLimits }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    this.log.close(false);
    await this.#settle(execution);
  }

  /** Whether nobody performs it. */
  get isIdle(): boolean {
    return this.#run === undefined && !this.#over;
  }

  #told(event: ProgramEvent): boolean {
    if (event.type !== "started") return this.log.push(event);
    const startedAt = new Date().toISOString();
    const { store } = this.#context;
    const { id } = this.#execution;
    if (this.#execution.status === "queued") this.#execution = { ...this.#execution, status: "running", startedAt };
    this.#store(() => store.start(id, startedAt));
    this.#tellStart();
    return this.log.push({ ...event, id });
  }

  async #finish(end: ProgramEnd): Promise<FinishedExecution> {
    const warnings = [...this.#warnings, ...end.warnings];
    const finishedAt = new Date().toISOString();
    const execution = finishedExecution({ findings: [], ...this.#execution, finishedAt }, { ...end, warnings });
    this.log.close(end.outcome.kind === "output-limit");
    await this.#settle(execution);
    return execution;
  }

  async #settle(execution: OverExecution): Promise<void> {
    this.#over = true;
    this.#execution = execution;
    const { store, over } = this.#context;
    const kept = this.log.kept();
    this.#store(() => store.finish(execution, kept));
    try {
      await this.#stored;
    } finally {
      this.#tellStart();
      over();
      if (execution.status === "rejected") this.log.end({ type: "rejected", problem: execution.problem });
      else this.log.end({ type: "finished", execution: withoutOutput(execution, kept.binary) });
    }
  }

  #store(write: () => Promise<void>): void {
    this.#stored = this.#stored.then(write);
    this.#stored.catch(() => {}); // it is waited for at the end
  }

  #tellStart(): void {
    if (this.#startTold) return;
    this.#startTold = true;
    this.#context.started();
  }
}

function problemErrorOf({ code, detail, errors }: Problem): ProblemError {
  return new ProblemError(code, detail, { errors });
}

/** The end of a program that was cancelled before anybody ran it. */
function neverStarted(isolation: Isolation, warnings: readonly string[]): ProgramEnd {
  return {
    outcome: { kind: "cancelled", stage: "run", violations: [] },
    ...{ stdout: "", stderr: "", value: null, results: {}, variables: {}, displays: [], artifacts: [], error: null },
    metrics: { wallMs: 0, cpuMs: 0, peakMemoryBytes: 0, startMs: 0, queueMs: 0 },
    warnings: [...warnings],
    isolation,
  };
}
