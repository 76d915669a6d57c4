import { rm } from "node:fs/promises";
import {
  type Compilation,
  compilationSchema,
  type Limits,
  type Metrics,
  ProblemError,
  type Program,
} from "@glovebox/protocol";
import type { Toolchain } from "../languages/toolchain.ts";
import { Capture } from "../lease/capture.ts";
import { runTask, type TaskEnd } from "../lease/run-task.ts";
import type { Lease } from "../pool/lease.ts";
import { unlessAborted } from "../pool/unless-aborted.ts";
import { stageInputs } from "../program/inputs.ts";
import type { Task } from "../program/task.ts";
import { compileTask, warmTask } from "../program/task.ts";
import { compileKey, readSources, type SourceText } from "./compile-key.ts";
import type { DiskCache } from "./disk-cache.ts";
import { compileFault, ProductSink, reasonOf, withoutProduct } from "./product-sink.ts";
import type { Product, ProductStore } from "./product-store.ts";
import type { ToolchainKeys } from "./toolchain-keys.ts";

/*
 * Compiles programs in sandboxes of their own and remembers the products by everything that went into them, the limits
 * among it: who asks for others neither gets nor gives a product, and waits for nobody.
 *
 * A product is looked for at hand, then in the disk cache, and made when neither has it. It is whole or there is none:
 * a file of it that did not come out, or that the host could not keep, makes the compilation one that failed. What was
 * compiled while the toolchain was replaced, and what a compiler made that was refused something or cut off and succeeded
 * nevertheless, serves the run that asked for it and is not found again.
 *
 * Of several runs that need the same product at the same time one compiles and the others wait for it. When it fails,
 * they have failed with it. After a fault of the host, when the one is cancelled, and when its product serves it alone,
 * the next takes its place. A failed compilation is not remembered: how busy the host was may have been to blame.
 *
 * Before a sandbox has been leased the caller's mistakes and the state of the host reject; from then on, and where the
 * host's own files fail, the end is an outcome.
 */

/** What compiling needs of the sandboxes it happens in. */
export interface CompilerSetup {
  /** Folder of staged inputs, where sandboxes can mount products from. */
  readonly inputsFolder: string;
  readonly products: ProductStore;
  readonly cache: DiskCache | undefined;
  readonly keys: ToolchainKeys;
}

export interface CompileRequest {
  readonly id: string;
  readonly toolchain: Toolchain;
  /** The program, its source being a file. */
  readonly program: Pick<Program, "files" | "compilerOptions">;
  readonly entry: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly lease: (signal: AbortSignal) => Promise<Lease>;
}

/** The same of what is made for a language rather than for a program. */
export type WarmRequest = Omit<CompileRequest, "program" | "entry">;

/** Without a product the compilation says why there is none. */
export interface CompileResult {
  readonly compilation: Compilation;
  readonly product: Product | undefined;
}

interface Attempt {
  readonly compilation: Compilation;
  /** With the whole product in it, for the caller to take over or to remove; undefined when there is none. */
  readonly folder: string | undefined;
  /** False of one that met a limit or was cut off: another try, with the same limits, may make another product. */
  readonly cacheable: boolean;
}

/** What the source and the limits decide, so that another try ends in the same way. */
function wouldFailAgain({ compilation, product }: CompileResult): boolean {
  return product === undefined && !["cancelled", "sandbox-fault"].includes(compilation.outcome.kind);
}

/** The end of a compilation for which the host's own files failed. Throws what is no such error. */
function hostFailed(error: unknown): CompileResult {
  const { syscall } = error as NodeJS.ErrnoException;
  if (error instanceof ProblemError || typeof syscall !== "string") throw error;
  const metrics: Metrics = { wallMs: 0, cpuMs: 0, peakMemoryBytes: 0, startMs: 0, queueMs: 0 };
  const outcome = compileFault(`the host could not keep the files of the compiler: ${reasonOf(error)}`);
  return { compilation: { cached: false, outcome, stdout: "", stderr: "", metrics }, product: undefined };
}

export class Compiler {
  readonly #setup: CompilerSetup;
  /** Compilations that others may wait for. They never reject; undefined of one that was given up. */
  readonly #underWay = new Map<string, Promise<CompileResult | undefined>>();

  constructor(setup: CompilerSetup) {
    this.#setup = setup;
  }

  /** Rejects with `unreadable-file`, the reason of the request's signal, and with what `lease` rejects with. */
  async compile(request: CompileRequest): Promise<CompileResult> {
    const { toolchain, program, entry, limits, signal } = request;
    const { sources: extensions = [], embeds } = toolchain.runtime.compile ?? {};
    const sources = await readSources({ ...program, entry }, extensions, embeds);
    const compiler = await this.#setup.keys.of(toolchain);
    const { compilerOptions: options } = program;
    const key = compileKey(compiler, { entry, sources, options, limits });
    for (;;) {
      const product = this.#setup.products.take(key);
      if (product !== undefined) return { compilation: { ...product.compilation, cached: true }, product };
      signal.throwIfAborted();
      const other = this.#underWay.get(key);
      if (other === undefined) break;
      const result = await unlessAborted(other, signal);
      // A product is looked for again: each that uses it takes it.
      if (result !== undefined && wouldFailAgain(result)) return result;
    }
    const work = this.#restore(key)
      .then((found) => found ?? this.#make(key, compiler, request, sources))
      .catch(hostFailed);
    this.#underWay.set(
      key,
      work.catch(() => undefined),
    );
    try {
      return await work;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** Runs the command that makes what is kept ready for a language. Rejects as `compile` does. */
  async warm(request: WarmRequest): Promise<Attempt> {
    const task = warmTask(request.toolchain, request.limits.memoryBytes);
    const failed = { folder: undefined, cacheable: false };
    return this.#attempt(request, [], task).catch((error) => ({ ...hostFailed(error), ...failed }));
  }

  async #restore(key: string): Promise<CompileResult | undefined> {
    const entry = await this.#setup.cache?.get(key);
    const note = compilationSchema.safeParse(entry?.note);
    if (entry === undefined || !note.success) return undefined;
    const product = await this.#setup.products.restore(key, entry.files, note.data);
    return { compilation: { ...note.data, cached: true }, product };
  }

  async #make(
    key: string,
    compiler: string,
    request: CompileRequest,
    sources: readonly SourceText[],
  ): Promise<CompileResult> {
    const { toolchain, program, entry, limits } = request;
    const { products, cache, keys } = this.#setup;
    const task = compileTask(toolchain, entry, program.compilerOptions, limits.memoryBytes);
    const { compilation, folder, cacheable } = await this.#attempt(request, sources, task);
    if (folder === undefined) return { compilation, product: undefined };
    if (!cacheable || (await keys.of(toolchain)) !== compiler) {
      return { compilation, product: (await products.adopt(undefined, folder, compilation)).product };
    }
    const { product, files } = await products.adopt(key, folder, compilation);
    if (files !== undefined) await cache?.put(key, { files, note: compilation });
    return { compilation, product };
  }

  async #attempt(request: WarmRequest, files: readonly SourceText[], task: Task): Promise<Attempt> {
    const { products, inputsFolder } = this.#setup;
    const inputs = await stageInputs({ files }, `${request.id}-compile`, inputsFolder);
    let folder: string | undefined;
    let whole = false;
    try {
      folder = await products.workFolder();
      const sink = new ProductSink(folder, products.maxBytes);
      const { limits, signal } = request;
      const handOver = { limits, inputs, task, sampleIntervalMs: undefined };
      const capture = new Capture();
      const lease = await request.lease(signal);
      const end = await runTask(lease, { stage: "compile", handOver, capture, sink, signal }).end;
      const compilation = compilationOf(end, capture, sink);
      const { outcome } = compilation;
      whole = outcome.kind === "exited" && outcome.code === 0;
      const wasCut = (end.frame?.warnings.length ?? 0) > 0;
      const cacheable = whole && !wasCut && outcome.violations.length === 0;
      return { compilation, folder: whole ? folder : undefined, cacheable };
    } finally {
      if (folder !== undefined && !whole) await rm(folder, { recursive: true, force: true });
      await inputs.remove();
    }
  }
}

/** What a compiler has come to. It has exited with 0 only if all that it made was written. */
function compilationOf({ outcome, metrics, frame }: TaskEnd, capture: Capture, sink: ProductSink): Compilation {
  const succeeded = outcome.kind === "exited" && outcome.code === 0 && frame !== undefined;
  const failed = succeeded ? withoutProduct(outcome, frame, sink) : undefined;
  return {
    cached: false,
    outcome: failed?.outcome ?? outcome,
    stdout: capture.text("stdout"),
    stderr: `${capture.text("stderr")}${failed?.stderr ?? ""}`,
    metrics,
  };
}
