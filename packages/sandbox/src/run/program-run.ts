import { randomUUID } from "node:crypto";
import {
  type Execution,
  type FinishedFrame,
  type Isolation,
  type Limits,
  type Outcome,
  ProblemError,
} from "@glovebox/protocol";
import type { ExecutionSpec, Run, RunEvent, RunOptions } from "../api.ts";
import { encodeFrame, FrameDecoder } from "../frames/codec.ts";
import { kinds } from "../frames/kinds.ts";
import type { ParkedSandbox } from "../pool/parked-sandbox.ts";
import { ArtifactWriter } from "./artifact-writer.ts";
import { EventQueue } from "./event-queue.ts";
import { FrameIntake } from "./frame-intake.ts";
import type { PreparedInputs } from "./inputs.ts";
import { leaseFrames } from "./lease.ts";
import { backstopMs, metricsOf, RunRecord } from "./record.ts";

/*
 * One run, from the request to its record.
 *
 * preparing -> waiting for a sandbox -> running -> finished. Until a sandbox is leased a mistake of the
 * caller rejects the result; from then on every end is an outcome. `#settle` is the one end, and what comes
 * after it from the sandbox is ignored. The sandbox is destroyed in every case: by its own warden after the
 * last frame, by `kill` otherwise.
 */

/** What a run needs of its surroundings. */
export interface RunContext {
  readonly isolation: Isolation;
  /** Checks the spec and prepares it: limits, language, input files. */
  prepare(
    spec: ExecutionSpec,
    id: string,
  ): Promise<{ language: string; limits: Limits; inputs: PreparedInputs; warnings: string[] }>;
  /** A sandbox for the spec; rejects with `sandbox-busy` after the time to wait. */
  acquire(spec: ExecutionSpec, signal: AbortSignal): Promise<ParkedSandbox>;
  /** Told once when a run that had a sandbox is over. */
  released(): void;
}

class Cancelled extends Error {}

function openWriter(folder: string): ArtifactWriter {
  try {
    return new ArtifactWriter(folder);
  } catch (cause) {
    const message = `${folder} cannot be made: ${(cause as Error).message}`;
    throw new ProblemError("invalid-request", `artifactsDir: ${message}`, {
      errors: [{ field: "artifactsDir", message }],
      cause,
    });
  }
}

export class ProgramRun implements Run {
  readonly id = randomUUID();
  readonly result: Promise<Execution>;
  readonly #spec: ExecutionSpec;
  readonly #options: RunOptions;
  readonly #context: RunContext;
  readonly #events: EventQueue;
  readonly #record: RunRecord;
  readonly #intake: FrameIntake;
  readonly #decoder = new FrameDecoder();
  readonly #waiting = new AbortController();
  readonly #created = performance.now();
  #language = "python";
  #queueMs = 0;
  #sandbox: ParkedSandbox | undefined;
  #draining = false;
  #drainTimer: NodeJS.Timeout | undefined;
  #backstop: NodeJS.Timeout | undefined;
  #settle: (outcome: Outcome, frame?: FinishedFrame) => void = () => {};

  constructor(spec: ExecutionSpec, options: RunOptions, context: RunContext) {
    this.#spec = spec;
    this.#options = options;
    this.#context = context;
    this.#record = new RunRecord(options.warnings ?? []);
    this.#events = new EventQueue(() => this.#sandbox?.socket.resume());
    this.#intake = new FrameIntake(this.#record, this.#events, options.collectOutput !== false, {
      finished: (frame) => this.#settle({ ...frame.outcome, stage: "run" }, frame),
      fault: (message) => this.#fault(message),
    });
    const { signal } = options;
    const abort = () => this.cancel();
    if (signal?.aborted === true) this.cancel();
    else signal?.addEventListener("abort", abort, { once: true });
    this.result = this.#live().finally(() => signal?.removeEventListener("abort", abort));
    this.result.catch(() => {}); // a caller that reads only the events must not bring the process down
  }

  events(): AsyncIterable<RunEvent> {
    return this.#events.read();
  }

  cancel(options: { readonly graceMs?: number } = {}): void {
    const { graceMs = 0 } = options;
    const sandbox = this.#sandbox;
    if (sandbox === undefined) this.#waiting.abort(new Cancelled());
    else if (sandbox.socket.writable) {
      for (const part of encodeFrame(kinds.cancel, { graceMs })) sandbox.socket.write(part);
      clearTimeout(this.#drainTimer);
      this.#drainTimer = setTimeout(() => this.#drain(), graceMs);
    }
  }

  /** Ends the run because the sandboxes are being closed: one that has none yet is refused as `closed`. */
  close(): void {
    if (this.#sandbox === undefined) this.#waiting.abort(new ProblemError("closed", "the sandboxes are being closed"));
    else this.cancel();
  }

  /**
   * The program is dead or about to die: what is left of its output is a few MiB at most, and a reader that
   * stands still must not keep the run from its end.
   */
  #drain(): void {
    this.#draining = true;
    this.#sandbox?.socket.resume();
  }

  async #live(): Promise<Execution> {
    let inputs: PreparedInputs | undefined;
    try {
      const prepared = await this.#context.prepare(this.#spec, this.id);
      inputs = prepared.inputs;
      this.#language = prepared.language;
      for (const warning of prepared.warnings) this.#record.warn(warning);
      const { artifactsDir } = this.#options;
      if (artifactsDir !== undefined) this.#intake.writer = openWriter(artifactsDir);
      const sandbox = await this.#context.acquire(this.#spec, this.#waiting.signal);
      const execution = await this.#run(sandbox, prepared.limits, inputs);
      this.#events.push({ type: "finished", execution });
      this.#events.end();
      return execution;
    } catch (error) {
      if (error instanceof Cancelled) return this.#neverStarted();
      this.#events.end(error as Error);
      throw error;
    } finally {
      await inputs?.remove();
    }
  }

  #neverStarted(): Execution {
    const outcome: Outcome = { kind: "cancelled", stage: "run", violations: [] };
    const metrics = { wallMs: 0, cpuMs: 0, peakMemoryBytes: 0, startMs: 0, queueMs: performance.now() - this.#created };
    const { isolation } = this.#context;
    const { metadata } = this.#spec;
    const execution = this.#record.execution({
      id: this.id,
      language: this.#language,
      outcome,
      metrics,
      isolation,
      metadata,
    });
    this.#events.push({ type: "finished", execution });
    this.#events.end();
    return execution;
  }

  #run(sandbox: ParkedSandbox, limits: Limits, inputs: PreparedInputs): Promise<Execution> {
    const { isolation } = this.#context;
    const { socket } = sandbox;
    this.#sandbox = sandbox;
    this.#queueMs = performance.now() - this.#created;
    return new Promise((resolve) => {
      let settled = false;
      this.#settle = (outcome, frame) => {
        if (settled) return;
        settled = true;
        clearTimeout(this.#backstop);
        clearTimeout(this.#drainTimer);
        this.#intake.writer?.close();
        if (frame === undefined) sandbox.kill();
        socket.destroy();
        this.#context.released();
        const series = this.#spec.sampleIntervalMs === undefined ? undefined : this.#record.samples;
        const none = {
          wallMs: performance.now() - this.#created - this.#queueMs,
          cpuMs: 0,
          peakMemoryBytes: 0,
          startMs: 0,
        };
        const metrics =
          frame === undefined ? { ...none, queueMs: this.#queueMs } : metricsOf(frame, this.#queueMs, series);
        resolve(
          this.#record.execution({
            id: this.id,
            language: this.#language,
            outcome: this.#record.classify(outcome, isolation),
            metrics,
            isolation,
            metadata: this.#spec.metadata,
          }),
        );
      };
      socket.on("error", (error) => this.#fault(`the connection to the sandbox broke: ${error.message}`));
      socket.on("close", () => this.#fault("the sandbox ended without a result"));
      socket.on("data", (chunk) => this.#receive(chunk));
      this.#watch(limits);
      try {
        sandbox.limit(limits);
        this.#events.push({ type: "started", id: this.id, isolation });
        socket.cork();
        const artifacts = this.#intake.writer === undefined ? "hash" : "content";
        for (const part of leaseFrames(this.id, this.#spec, limits, inputs, artifacts)) socket.write(part);
        socket.uncork();
        socket.resume();
      } catch (error) {
        this.#fault(`the program could not be handed over: ${(error as Error).message}`);
      }
      if (this.#waiting.signal.aborted) this.cancel();
    });
  }

  /** A warden that stays silent after the wall-clock limit is ended from outside. */
  #watch(limits: Limits): void {
    clearTimeout(this.#backstop);
    this.#backstop = setTimeout(() => {
      if (this.#sandbox?.socket.isPaused() === true) {
        this.#drain();
        this.#watch(limits);
      } else this.#fault("the warden did not end its program in time");
    }, backstopMs(limits));
  }

  #fault(message: string): void {
    this.#settle({ kind: "sandbox-fault", message, stage: "run", violations: [] });
  }

  #receive(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk, (kind, payload) => this.#intake.take(kind, payload));
      if (this.#events.full && !this.#draining) this.#sandbox?.socket.pause();
    } catch (error) {
      this.#fault(`the sandbox broke its protocol: ${(error as Error).message}`);
    }
  }
}

/** The reason a run gives up waiting for a sandbox. */
export function busy(waitedMs: number): ProblemError {
  return new ProblemError("sandbox-busy", `no sandbox became free within ${waitedMs} ms (leaseTimeoutMs)`);
}
