import type { Artifact, FinishedFrame, Outcome } from "@glovebox/protocol";
import { ArtifactWriter } from "../run/artifact-writer.ts";

/** How a warden says that something is no file; all else that it leaves out is one (see runners/warden/artifacts.py). */
const noFile = "not a regular file";
/** How it says that files hold more bytes than the disk they are on may take: by their holes. */
const overDisk = /disk limit/;
const mostNamed = 3;

/**
 * Writes the files of a compiler's product. A product is whole or is none, so the first file that the host does not
 * take is kept as the `failure`, and the rest is dropped.
 */
export class ProductWriter extends ArtifactWriter {
  #failure: string | undefined;
  #begun: string | undefined;

  /** Why the product is not whole here; undefined when it is. */
  get failure(): string | undefined {
    return this.#failure ?? (this.#begun === undefined ? undefined : `${this.#begun} came in part`);
  }

  override begin(path: string, size: number): void {
    this.#attempt(() => {
      this.#begun = path;
      super.begin(path, size);
    });
  }

  override data(chunk: Uint8Array): Artifact | undefined {
    return this.#attempt(() => {
      const artifact = super.data(chunk);
      if (artifact !== undefined) this.#begun = undefined;
      return artifact;
    });
  }

  #attempt<T>(write: () => T): T | undefined {
    if (this.#failure !== undefined) return undefined;
    try {
      return write();
    } catch (error) {
      this.#failure = reasonOf(error);
      this.close();
      return undefined;
    }
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
  failure: string | undefined,
): { readonly outcome: Outcome; readonly stderr: string } | undefined {
  if (failure !== undefined) {
    return { outcome: compileFault(`the product could not be written: ${failure}`), stderr: "" };
  }
  // Of those that are not listed nobody knows what they are.
  const files = frame.skipped.filter(({ reason }) => reason !== noFile);
  if (files.length + frame.notListed === 0) return undefined;
  const named = files.slice(0, mostNamed).map(({ path, reason }) => `${JSON.stringify(path)} (${reason})`);
  const more = files.length - named.length + frame.notListed;
  const list = [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  const { violations } = outcome;
  return {
    outcome: files.some(({ reason }) => overDisk.test(reason))
      ? { kind: "disk-limit", stage: "compile", violations }
      : { kind: "exited", code: 1, stage: "compile", violations },
    stderr: `glovebox: the compiler's product is not used, because files of it were left out: ${list}\n`,
  };
}
