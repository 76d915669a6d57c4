/**
 * Programs for tests: each is a generator of events, run in this process without any isolation. Like the real ones they
 * wait when their events are not wanted, and stop when they are cancelled. `programs-suite.ts` is what both promise.
 */
import {
  type ArtifactSink,
  type HostRequest,
  type Isolation,
  ProblemError,
  type Program,
  type ProgramEnd,
  type ProgramEvent,
  type ProgramRun,
  type Programs,
  type RunIo,
} from "@glovebox/protocol";
import { listFakeLanguages, resolveFake } from "./fake-languages.ts";
import { FakeOutput, keepArtifact } from "./fake-results.ts";

export type FakeEvent =
  | Exclude<ProgramEvent, { type: "started" }>
  /** A file that it made. */
  | { readonly type: "artifact"; readonly path: string; readonly content: Uint8Array };

// biome-ignore lint/suspicious/noConfusingVoidType: a generator that returns nothing returns void
type Ending = Partial<ProgramEnd> | void;

/** What a program yields is told as it comes; what it returns is its end. It has started when it yields or returns. */
export type FakeProgram = (
  program: Program,
  cancelled: Promise<void>,
) => AsyncGenerator<FakeEvent, Ending> | Generator<FakeEvent, Ending>;

export interface FakeCall {
  readonly program: Program;
  readonly io: RunIo;
  /** One entry for each call of `cancel`, and for the signal. */
  readonly cancels: { readonly graceMs?: number }[];
  /** Events that the program has yielded so far. */
  yielded: number;
  ended: boolean;
}

export interface FakePrograms extends Programs {
  /** What was to be resolved. */
  readonly requests: readonly HostRequest[];
  readonly calls: readonly FakeCall[];
  readonly closed: boolean;
  close(): Promise<void>;
}

const isolation: Isolation = { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] };

export function createFakePrograms(program: FakeProgram): FakePrograms {
  const requests: HostRequest[] = [];
  const calls: FakeCall[] = [];
  const running = new Set<FakeRun>();
  let closed = false;

  return {
    isolation,
    requests,
    calls,
    get closed() {
      return closed;
    },
    stats: () => ({ parked: 1, running: running.size, waiting: 0, started: calls.length }),
    languages: listFakeLanguages,
    async resolve(request, profile) {
      requests.push(request);
      return resolveFake(request, profile);
    },
    run(resolved, io) {
      const call: FakeCall = { program: resolved, io, cancels: [], yielded: 0, ended: false };
      calls.push(call);
      const run = new FakeRun(program, call);
      if (closed) run.close();
      running.add(run);
      const settle = () => running.delete(run);
      run.end.then(settle, settle);
      return run;
    },
    async close() {
      closed = true;
      for (const run of running) run.close();
      await Promise.allSettled([...running].map((run) => run.end));
    },
  };
}

/** A program that ends at once, with this as its end. */
export function ending(end: Partial<ProgramEnd>): FakeProgram {
  // biome-ignore lint/correctness/useYield: it has no events
  return function* () {
    return end;
  };
}

/** A program that never starts, for the reason given. */
export function refusing(problem: ProblemError): FakeProgram {
  // biome-ignore lint/correctness/useYield: it ends before its first event
  return function* () {
    throw problem;
  };
}

class FakeRun implements ProgramRun {
  readonly end: Promise<ProgramEnd>;
  readonly #call: FakeCall;
  readonly #stopped: Promise<"stopped">;
  #stop: () => void = () => {};
  #closed = false;
  #wanted: Promise<void> = Promise.resolve();
  #goOn: () => void = () => {};

  constructor(program: FakeProgram, call: FakeCall) {
    this.#call = call;
    const cancelled = new Promise<void>((resolve) => {
      this.#stop = resolve;
    });
    this.#stopped = cancelled.then(() => "stopped" as const);
    const { signal } = call.io;
    if (signal?.aborted === true) this.cancel();
    else signal?.addEventListener("abort", () => this.cancel(), { once: true });
    const soon = new Promise<void>((resolve) => setImmediate(resolve));
    this.end = soon.then(() => this.#live(program, cancelled)).finally(() => this.#ended());
    this.end.catch(() => {});
  }

  cancel(how: { readonly graceMs?: number } = {}): void {
    this.#call.cancels.push(how);
    this.#stop();
  }

  resume(): void {
    this.#goOn();
  }

  /** Ends it because what runs programs is being closed. */
  close(): void {
    this.#closed = true;
    this.#stop();
  }

  async #live(program: FakeProgram, cancelled: Promise<void>): Promise<ProgramEnd> {
    const { io, program: resolved } = this.#call;
    const output = new FakeOutput(io.collectOutput !== false);
    const artifacts: ProgramEnd["artifacts"] = [];
    const warnings = [...resolved.warnings];
    const steps = program(resolved, cancelled);
    let step = await Promise.race([this.#stopped, steps.next()]);
    if (step !== "stopped") this.#tell({ type: "started", isolation });
    else if (this.#closed) throw new ProblemError("closed", "the sandboxes are being closed");
    while (step !== "stopped" && step.done !== true) {
      this.#call.yielded++;
      const event = step.value;
      if (event.type === "artifact") await keepArtifact(event, io.artifacts, artifacts, warnings);
      else {
        output.take(event);
        this.#tell(event);
      }
      await Promise.race([this.#wanted, this.#stopped]);
      step = await Promise.race([this.#stopped, steps.next()]);
    }
    const returned = step === "stopped" ? cancelledEnd : (step.value ?? {});
    await (io.artifacts as ArtifactSink | undefined)?.close();
    return { ...plainEnd, ...output.texts(warnings), artifacts, warnings, isolation, ...returned };
  }

  #tell(event: ProgramEvent): void {
    if (this.#call.io.on?.(event) !== false) return;
    this.#wanted = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  #ended(): void {
    this.#call.ended = true;
  }
}

const cancelledEnd: Partial<ProgramEnd> = { outcome: { kind: "cancelled", stage: "run", violations: [] } };
const plainEnd = {
  outcome: { kind: "exited", code: 0, stage: "run", violations: [] },
  ...{ value: null, results: {}, variables: {}, displays: [], error: null },
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
} satisfies Partial<ProgramEnd>;
