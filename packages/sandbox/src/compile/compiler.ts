import { rm } from "node:fs/promises";
import { type Compilation, compilationSchema, type Isolation, type Limits } from "@glovebox/protocol";
import type { ExecutionSpec } from "../api.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import type { ParkedSandbox } from "../pool/parked-sandbox.ts";
import { ArtifactWriter } from "../run/artifact-writer.ts";
import { EventQueue } from "../run/event-queue.ts";
import { prepareInputs } from "../run/inputs.ts";
import { LeasedRun } from "../run/leased-run.ts";
import { metricsOf, RunRecord } from "../run/record.ts";
import type { Task } from "../run/task.ts";
import { compileTask, warmTask } from "../run/task.ts";
import { unlessAborted } from "../run/unless-aborted.ts";
import { compileKey, readSources, type Source } from "./compile-key.ts";
import type { DiskCache } from "./disk-cache.ts";
import type { Product, ProductStore } from "./product-store.ts";

/*
 * Compiles programs in sandboxes of their own and remembers the products by everything that went into them.
 *
 * A product is looked for at hand, then in the disk cache, and made when neither has it. Of several runs that need
 * the same product at the same time one compiles and the others wait for it; when the one is cancelled, the next takes
 * its place. A failed compilation is not remembered: its limits may have been to blame.
 */

/** What compiling needs of the sandboxes it happens in. */
export interface CompilerSetup {
  readonly isolation: Isolation;
  /** Folder of staged inputs, where sandboxes can mount products from. */
  readonly inputsFolder: string;
  readonly products: ProductStore;
  readonly cache: DiskCache | undefined;
}

export interface CompileRequest {
  readonly id: string;
  readonly toolchain: Toolchain;
  /** The program, its source being a file. */
  readonly spec: ExecutionSpec;
  readonly entry: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly acquire: (signal: AbortSignal) => Promise<ParkedSandbox>;
  readonly released: () => void;
}

/** Without a product the compilation says why there is none. */
export interface CompileResult {
  readonly compilation: Compilation;
  readonly product: Product | undefined;
}

interface Attempt {
  readonly compilation: Compilation;
  readonly folder: string;
}

export class Compiler {
  readonly #setup: CompilerSetup;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(setup: CompilerSetup) {
    this.#setup = setup;
  }

  /** Rejects with `unreadable-file`, the reason of the request's signal, and with what `acquire` rejects with. */
  async compile(request: CompileRequest): Promise<CompileResult> {
    const { toolchain, spec, entry, signal } = request;
    const { sources: extensions = [], embeds } = toolchain.runtime.compile ?? {};
    const sources = await readSources(spec, extensions, embeds);
    const key = await compileKey(toolchain, entry, sources);
    for (;;) {
      const product = this.#setup.products.take(key);
      if (product !== undefined) return { compilation: { ...product.compilation, cached: true }, product };
      signal.throwIfAborted();
      const other = this.#underWay.get(key);
      if (other === undefined) break;
      await unlessAborted(other, signal);
    }
    const work = this.#restore(key).then((found) => found ?? this.#make(key, request, sources));
    // Who waits for it looks for the product afterwards; why there is none is told to the one who made it.
    const over = () => {};
    this.#underWay.set(key, work.then(over, over));
    try {
      return await work;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** Runs the command that makes what is kept ready for a language; the folder is the caller's to remove. */
  async warm(request: Omit<CompileRequest, "spec" | "entry">): Promise<Attempt> {
    return this.#attempt(request, {}, warmTask(request.toolchain, request.limits.memoryBytes));
  }

  async #restore(key: string): Promise<CompileResult | undefined> {
    const entry = await this.#setup.cache?.get(key);
    const note = compilationSchema.safeParse(entry?.note);
    if (entry === undefined || !note.success) return undefined;
    const product = await this.#setup.products.restore(key, entry.files, note.data);
    return { compilation: { ...note.data, cached: true }, product };
  }

  async #make(key: string, request: CompileRequest, sources: readonly Source[]): Promise<CompileResult> {
    const { toolchain, entry, limits } = request;
    const { products, cache } = this.#setup;
    const task = compileTask(toolchain, entry, limits.memoryBytes);
    const { compilation, folder } = await this.#attempt(request, { files: sources }, task);
    const { outcome } = compilation;
    if (outcome.kind !== "exited" || outcome.code !== 0) {
      await rm(folder, { recursive: true, force: true });
      return { compilation, product: undefined };
    }
    const { product, files } = await products.adopt(key, folder, compilation);
    if (files !== undefined) await cache?.put(key, { files, note: compilation });
    return { compilation, product };
  }

  async #attempt(
    request: Omit<CompileRequest, "spec" | "entry">,
    files: Pick<ExecutionSpec, "files">,
    task: Task,
  ): Promise<Attempt> {
    const { id, limits, signal, acquire, released } = request;
    const { isolation, products, inputsFolder } = this.#setup;
    const inputs = await prepareInputs(files, `${id}-compile`, inputsFolder);
    const folder = await products.workFolder();
    const since = performance.now();
    try {
      const sandbox = await acquire(signal);
      const queueMs = performance.now() - since;
      const record = new RunRecord([]);
      const writer = new ArtifactWriter(folder);
      const run = new LeasedRun({
        sandbox,
        lease: { limits, inputs, task, sampleIntervalMs: undefined, artifacts: "content" },
        stage: "compile",
        record,
        events: new EventQueue(() => {}),
        collectOutput: true,
        writer,
      });
      const cancel = () => run.cancel(0);
      signal.addEventListener("abort", cancel, { once: true });
      if (signal.aborted) cancel();
      const { outcome, frame } = await run.end.finally(() => {
        signal.removeEventListener("abort", cancel);
        released();
      });
      const none = { wallMs: performance.now() - since - queueMs, cpuMs: 0, peakMemoryBytes: 0, startMs: 0, queueMs };
      const compilation: Compilation = {
        cached: false,
        outcome: record.classify(outcome, isolation),
        stdout: record.stdoutText,
        stderr: record.stderrText,
        metrics: frame === undefined ? none : metricsOf(frame, queueMs, undefined),
      };
      return { compilation, folder };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    } finally {
      await inputs.remove();
    }
  }
}
