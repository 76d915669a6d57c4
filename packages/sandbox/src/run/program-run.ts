import { randomUUID } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import {
  type Compilation,
  type FinishedExecution,
  type Isolation,
  type Metrics,
  maxCodeBytes,
  type Outcome,
  ProblemError,
} from "@glovebox/protocol";
import type { ExecutionSpec, Run, RunEvent, RunOptions } from "../api.ts";
import type { CompileResult } from "../compile/compiler.ts";
import { refuseUnknownRequest } from "../known-options.ts";
import { ArtifactWriter } from "../lease/artifact-writer.ts";
import { type ProgramFiles, readError } from "../lease/error-text.ts";
import { EventQueue } from "../lease/event-queue.ts";
import { LeasedRun } from "../lease/leased-run.ts";
import { metricsOf, RunRecord } from "../lease/record.ts";
import type { Lease } from "../pool/lease.ts";
import type { PreparedRun } from "../program/prepare.ts";
import { withProduct } from "../program/task.ts";

/*
 * One run, from the request to its record.
 *
 * preparing -> [compiling] -> waiting for a sandbox -> running -> finished. Until a sandbox is leased a mistake of the
 * caller rejects the result; from then on every end is an outcome. The compiler has a sandbox of its own; where it makes no
 * product, its end is the end of the run.
 */

/** What a run needs of its surroundings. */
export interface RunContext {
  readonly isolation: Isolation;
  /** Warning for a program that reads its standard input where that is empty by the host's option. */
  readonly stdinWarning: string | undefined;
  /** Checks the spec and prepares it: limits, language, input files. */
  prepare(spec: ExecutionSpec, id: string): Promise<PreparedRun>;
  /** The product of the language's compiler. Rejects as `lease` does. */
  compile(run: PreparedRun, id: string, signal: AbortSignal): Promise<CompileResult>;
  /** A sandbox for the program; rejects with `sandbox-busy` after the time to wait. */
  lease(run: PreparedRun, signal: AbortSignal): Promise<Lease>;
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
  readonly result: Promise<FinishedExecution>;
  readonly #spec: ExecutionSpec;
  readonly #options: RunOptions;
  readonly #context: RunContext;
  readonly #events: EventQueue;
  readonly #record: RunRecord;
  readonly #waiting = new AbortController();
  readonly #created = performance.now();
  readonly #createdAt = new Date().toISOString();
  #startedAt: string | undefined;
  #leased: LeasedRun | undefined;

  constructor(spec: ExecutionSpec, options: RunOptions, context: RunContext) {
    this.#spec = spec;
    this.#options = options;
    this.#context = context;
    this.#record = new RunRecord(options.warnings ?? []);
    this.#events = new EventQueue(() => this.#leased?.resume());
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
    if (this.#leased === undefined) this.#waiting.abort(new Cancelled());
    else this.#leased.cancel(options.graceMs ?? 0);
  }

  /** Ends the run because the sandboxes are being closed: one that has none yet is refused as `closed`. */
  close(): void {
    if (this.#leased === undefined) this.#waiting.abort(new ProblemError("closed", "the sandboxes are being closed"));
    else this.cancel();
  }

  async #live(): Promise<FinishedExecution> {
    let prepared: PreparedRun | undefined;
    let compiled: CompileResult | undefined;
    try {
      refuseUnknownRequest(this.#spec, this.#options);
      prepared = await this.#context.prepare(this.#spec, this.id);
      for (const warning of prepared.warnings) this.#record.warn(warning);
      const { artifactsDir } = this.#options;
      const writer = artifactsDir === undefined ? undefined : openWriter(artifactsDir);
      if (prepared.toolchain.runtime.compile !== undefined) {
        compiled = await this.#context.compile(prepared, this.id, this.#waiting.signal);
        if (compiled.product === undefined) return this.#notCompiled(prepared, compiled.compilation);
      }
      return await this.#run(prepared, compiled, writer);
    } catch (error) {
      if (error instanceof Cancelled && prepared !== undefined) return this.#neverStarted(prepared);
      this.#events.end(error as Error);
      throw error;
    } finally {
      compiled?.product?.release();
      await prepared?.inputs.remove();
    }
  }

  async #run(
    prepared: PreparedRun,
    compiled: CompileResult | undefined,
    writer: ArtifactWriter | undefined,
  ): Promise<FinishedExecution> {
    const { toolchain, spec, limits, inputs } = prepared;
    const { stdinWarning } = this.#context;
    const lease = await this.#context.lease(prepared, this.#waiting.signal);
    const { sandbox, isolation, queueMs } = lease;
    const product = compiled?.product?.staged;
    const task = product === undefined ? prepared.task : withProduct(prepared.task, product);
    const artifacts = writer === undefined ? "hash" : "content";
    this.#events.push({ type: "started", id: this.id, isolation });
    const leasedAt = performance.now();
    this.#startedAt = new Date().toISOString();
    this.#leased = new LeasedRun({
      sandbox,
      lease: { limits, inputs, task, sampleIntervalMs: spec.sampleIntervalMs, artifacts },
      stage: "run",
      record: this.#record,
      events: this.#events,
      collectOutput: this.#options.collectOutput !== false,
      writer,
    });
    if (this.#waiting.signal.aborted) this.cancel();
    const { outcome, frame } = await this.#leased.end.finally(() => lease.release());
    if (frame?.stdinRead === true && stdinWarning !== undefined) this.#record.warn(stdinWarning);

    const { runtime } = toolchain;
    const failed = outcome.kind === "signalled" || (outcome.kind === "exited" && outcome.code !== 0);
    if (failed && runtime.errors.run.length > 0) {
      const text = this.#record.errorText.text();
      this.#record.foundError(readError(runtime.errors.run, text, "last", filesOf(spec)));
    }
    const series = spec.sampleIntervalMs === undefined ? undefined : this.#record.samples;
    const none = { wallMs: performance.now() - leasedAt, cpuMs: 0, peakMemoryBytes: 0, startMs: 0 };
    return this.#finish(
      prepared,
      this.#record.classify(outcome, isolation, runtime.outOfMemory),
      frame === undefined ? { ...none, queueMs } : metricsOf(frame, queueMs, series),
      compiled?.compilation,
    );
  }

  /** The compiler's end is the run's: its output is what the caller sees. */
  #notCompiled(prepared: PreparedRun, compilation: Compilation): FinishedExecution {
    const { runtime } = prepared.toolchain;
    const { outcome, stdout, stderr, metrics } = compilation;
    this.#events.push({ type: "started", id: this.id, isolation: this.#context.isolation });
    for (const [stream, text] of [["stdout", stdout] as const, ["stderr", stderr] as const]) {
      if (text === "") continue;
      const data = Buffer.from(text);
      if (this.#options.collectOutput !== false) this.#record.output(stream, data);
      this.#events.push({ type: stream, data });
    }
    this.#record.foundError(readError(runtime.errors.compile, stderr, "first", filesOf(prepared.spec)));
    return this.#finish(prepared, outcome, metrics, compilation);
  }

  #neverStarted(prepared: PreparedRun): FinishedExecution {
    const outcome: Outcome = { kind: "cancelled", stage: "run", violations: [] };
    const queueMs = performance.now() - this.#created;
    const none = { wallMs: 0, cpuMs: 0, peakMemoryBytes: 0, startMs: 0, queueMs };
    return this.#finish(prepared, outcome, none, undefined);
  }

  #finish(
    { toolchain: { runtime }, limits, compileLimits }: PreparedRun,
    outcome: Outcome,
    metrics: Metrics,
    compile: Compilation | undefined,
  ): FinishedExecution {
    const execution = this.#record.execution({
      id: this.id,
      language: runtime.name,
      outcome,
      limits,
      compileLimits: runtime.compile === undefined ? undefined : compileLimits,
      metrics,
      isolation: this.#context.isolation,
      metadata: this.#spec.metadata,
      compile,
      createdAt: this.#createdAt,
      startedAt: this.#startedAt,
      finishedAt: new Date().toISOString(),
    });
    this.#events.push({ type: "finished", execution });
    this.#events.end();
    return execution;
  }
}

/** One that came by path and cannot be read any more has no text. */
function filesOf({ files = [] }: ExecutionSpec): ProgramFiles {
  const text = (name: string) => {
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined) return undefined;
    if ("content" in file) return Buffer.from(file.content).toString("utf8");
    try {
      return statSync(file.path).size > maxCodeBytes ? undefined : readFileSync(file.path, "utf8");
    } catch {
      return undefined;
    }
  };
  return { names: files.map(({ name }) => name), text };
}
