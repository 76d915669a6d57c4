import type { Artifact, ArtifactSink, FinishedFrame, Outcome } from "@glovebox/protocol";
import { folderSink } from "../lease/folder-sink.ts";

/** How a warden says that something is no file; all else that it leaves out is one (see runners/warden/artifacts.py). */
const noFile = "not a regular file";
/** How it says that files hold more bytes than the disk they are on may take: by their holes. */
const overDisk = /disk limit/;
const mostNamed = 3;
const notUsed = "glovebox: the compiler's product is not used, because ";

/**
 * Writes the files of a compiler's product. A product is whole or is none, so the first file that the host does not
 * take is kept as the `failure`, and the rest is refused. `maxBytes` is the bound of its content.
 */
export class ProductSink implements ArtifactSink {
  readonly maxBytes: number;
  readonly #files: ArtifactSink;
  #bytes = 0;
  #failure: string | undefined;
  #begun: string | undefined;

  constructor(folder: string, maxBytes: number) {
    this.#files = folderSink(folder);
    this.maxBytes = maxBytes;
  }

  /** True when it had more bytes than it may have. */
  get tooLarge(): boolean {
    return this.#bytes > this.maxBytes;
  }

  /** Why the product is not whole here; undefined when it is. */
  get failure(): string | undefined {
    return this.#failure ?? (this.#begun === undefined ? undefined : `${this.#begun} came in part`);
  }

  begin(path: string, size: number): boolean {
    if (this.#failure !== undefined) throw new Error(this.#failure);
    this.#bytes += size;
    try {
      if (this.tooLarge) throw new Error("it is too large");
      this.#begun = path;
      return this.#files.begin(path, size);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#attempt(() => this.#files.write(chunk));
  }

  async end(artifact: Artifact): Promise<void> {
    await this.#attempt(() => this.#files.end(artifact));
    this.#begun = undefined;
  }

  async close(): Promise<void> {
    await this.#attempt(() => this.#files.close());
  }

  async #attempt(work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): unknown {
    this.#failure ??= reasonOf(error);
    return error;
  }
}

/** What the system says of a failed call, without the paths of the host, which are nobody's business. */
export function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return message.split(", ")[0] ?? message;
}

/** A fault of the host while it compiles. */
export function compileFault(message: string): Outcome {
  return { kind: "sandbox-fault", message, stage: "compile", violations: [] };
}

/**
 * What a compiler that said that it succeeded has come to, if a file that it made is not in its product: `outcome`, and
 * a line for its standard error where the program is to blame. Undefined when all files are there.
 */
export function withoutProduct(
  outcome: Outcome,
  frame: FinishedFrame,
  { failure, tooLarge, maxBytes }: ProductSink,
): { readonly outcome: Outcome; readonly stderr: string } | undefined {
  const { violations } = outcome;
  const diskLimit: Outcome = { kind: "disk-limit", stage: "compile", violations };
  if (tooLarge) {
    return { outcome: diskLimit, stderr: `${notUsed}it is larger than ${maxBytes} bytes, which no product may be\n` };
  }
  if (failure !== undefined) {
    return { outcome: compileFault(`the product could not be written: ${failure}`), stderr: "" };
  }
  // Of those that are not listed nobody knows what they are.
  const files = frame.skipped.filter(({ reason }) => reason !== noFile);
  if (files.length + frame.notListed === 0) return undefined;
  const named = files.slice(0, mostNamed).map(({ path, reason }) => `${JSON.stringify(path)} (${reason})`);
  const more = files.length - named.length + frame.notListed;
  const list = [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  return {
    outcome: files.some(({ reason }) => overDisk.test(reason))
      ? diskLimit
      : { kind: "exited", code: 1, stage: "compile", violations },
    stderr: `${notUsed}files of it were left out: ${list}\n`,
  };
}
