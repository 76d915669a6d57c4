import {
  type Compilation,
  type Isolation,
  ProblemError,
  type Program,
  type ProgramEnd,
  type ProgramEvent,
  type ProgramRun as Run,
  type RunIo,
} from "@glovebox/protocol";
import type { CompileResult } from "../compile/compiler.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import { Capture } from "../lease/capture.ts";
import { type ProgramFiles, readError } from "../lease/error-text.ts";
import { type RunningTask, runTask } from "../lease/run-task.ts";
import type { Lease } from "../pool/lease.ts";
import { type PreparedRun, prepareRun } from "../program/prepare.ts";
import { withProduct } from "../program/task.ts";
import { programEnd } from "./program-end.ts";

/*
 * One run of a program, from its preparation to its end.
 *
 * preparing -> [compiling] -> waiting for a sandbox -> running -> ended. Until a sandbox is leased what is wrong with
 * the host or with its files rejects the end; from then on every end is an outcome. The compiler has a sandbox of its
 * own; where it makes no product, its end is the end of the run.
 */

/** What runs share. */
export interface RunHost {
  readonly isolation: Isolation;
  /** Folder of staged inputs. */
  readonly inputsFolder: string;
  /** Warning for a program that reads its standard input where that is empty by the host's option. */
  readonly stdinWarning: string | undefined;
  /** The tools of a language. Throws `language-unavailable`, `closed`. */
  toolchainOf(language: string): Toolchain;
  /** The product of the language's compiler. Rejects as `lease` does. */
  compile(run: PreparedRun, id: string, signal: AbortSignal, waitMs: number | undefined): Promise<CompileResult>;
  /** A sandbox for the program; rejects with `sandbox-busy` after the time to wait. */
  lease(run: PreparedRun, signal: AbortSignal, waitMs: number | undefined): Promise<Lease>;
}

class Cancelled extends Error {}

export class ProgramRun implements Run {
  readonly end: Promise<ProgramEnd>;
  readonly #program: Program;
  readonly #io: RunIo;
  readonly #host: RunHost;
  readonly #capture: Capture;
  readonly #waiting = new AbortController();
  readonly #created = performance.now();
  #task: RunningTask | undefined;

  constructor(program: Program, io: RunIo, host: RunHost) {
    this.#program = program;
    this.#io = io;
    this.#host = host;
    this.#capture = new Capture(program.warnings);
    const { signal } = io;
    const abort = () => this.cancel();
    if (signal?.aborted === true) this.cancel();
    else signal?.addEventListener("abort", abort, { once: true });
    this.end = this.#live().finally(() => signal?.removeEventListener("abort", abort));
    this.end.catch(() => {}); // a caller that follows only the events must not bring the process down
  }

  cancel(how: { readonly graceMs?: number } = {}): void {
    if (this.#task === undefined) this.#waiting.abort(new Cancelled());
    else this.#task.cancel(how.graceMs ?? 0);
  }

  resume(): void {
    this.#task?.resume();
  }

  /** Ends the run because the sandboxes are being closed: one that has none yet is refused as `closed`. */
  close(): void {
    if (this.#task === undefined) this.#waiting.abort(new ProblemError("closed", "the sandboxes are being closed"));
    else this.cancel();
  }

  async #live(): Promise<ProgramEnd> {
    const { id, waitMs } = this.#io;
    const { signal } = this.#waiting;
    let prepared: PreparedRun | undefined;
    let compiled: CompileResult | undefined;
    try {
      const toolchain = this.#host.toolchainOf(this.#program.language);
      prepared = await prepareRun(this.#program, id, toolchain, this.#host.inputsFolder);
      if (toolchain.runtime.compile !== undefined) {
        compiled = await this.#host.compile(prepared, id, signal, waitMs);
        if (compiled.product === undefined) return this.#notCompiled(prepared, compiled.compilation);
      }
      const lease = await this.#host.lease(prepared, signal, waitMs);
      return await this.#run(prepared, compiled, lease);
    } catch (error) {
      if (error instanceof Cancelled && prepared !== undefined) return this.#neverStarted();
      throw error;
    } finally {
      compiled?.product?.release();
      await prepared?.inputs.remove();
    }
  }

  async #run(prepared: PreparedRun, compiled: CompileResult | undefined, lease: Lease): Promise<ProgramEnd> {
    const { toolchain, program, limits, inputs } = prepared;
    const { errors, outOfMemory } = toolchain.runtime;
    const { on, collectOutput, artifacts: sink } = this.#io;
    const product = compiled?.product?.staged;
    const task = product === undefined ? prepared.task : withProduct(prepared.task, product);
    this.#task = runTask(lease, {
      stage: "run",
      handOver: { limits, inputs, task, sampleIntervalMs: program.sampleIntervalMs },
      capture: this.#capture,
      on,
      ...(collectOutput === undefined ? {} : { collectOutput }),
      sink,
      signal: this.#waiting.signal,
      readError: errors.run.length === 0 ? undefined : (text) => readError(errors.run, text, "last", filesOf(program)),
      outOfMemory,
    });
    if (!this.#tell({ type: "started", isolation: lease.isolation })) this.#task.hold();
    const { outcome, metrics, isolation, frame } = await this.#task.end;
    const { stdinWarning } = this.#host;
    if (frame?.stdinRead === true && stdinWarning !== undefined) this.#capture.warn(stdinWarning);
    return programEnd(this.#capture, { outcome, metrics, isolation, compile: compiled?.compilation });
  }

  /** The compiler's end is the run's: its output is what the caller sees. */
  #notCompiled({ toolchain, program }: PreparedRun, compile: Compilation): ProgramEnd {
    const { outcome, stdout, stderr, metrics } = compile;
    const { isolation } = this.#host;
    this.#tell({ type: "started", isolation });
    for (const [stream, text] of [["stdout", stdout] as const, ["stderr", stderr] as const]) {
      if (text === "") continue;
      const data = Buffer.from(text);
      if (this.#io.collectOutput !== false) this.#capture.output(stream, data);
      this.#tell({ type: stream, data });
    }
    this.#capture.foundError(readError(toolchain.runtime.errors.compile, stderr, "first", filesOf(program)));
    return programEnd(this.#capture, { outcome, metrics, isolation, compile });
  }

  #neverStarted(): ProgramEnd {
    const queueMs = performance.now() - this.#created;
    return programEnd(this.#capture, {
      outcome: { kind: "cancelled", stage: "run", violations: [] },
      metrics: { wallMs: 0, cpuMs: 0, peakMemoryBytes: 0, startMs: 0, queueMs },
      isolation: this.#host.isolation,
      compile: undefined,
    });
  }

  /** False when no more is to be told for now. */
  #tell(event: ProgramEvent): boolean {
    return this.#io.on?.(event) !== false;
  }
}

/** The files that an error may name. Large ones of the host have no text here. */
function filesOf({ files }: Program): ProgramFiles {
  const text = (name: string) => {
    const file = files.find((candidate) => candidate.name === name);
    return file !== undefined && "content" in file ? Buffer.from(file.content).toString("utf8") : undefined;
  };
  return { names: files.map(({ name }) => name), text };
}
