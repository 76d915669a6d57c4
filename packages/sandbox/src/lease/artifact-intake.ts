import { createHash, type Hash } from "node:crypto";
import { type ArtifactSink, artifactFrameSchema } from "@glovebox/protocol";
import type { Capture } from "./capture.ts";

/** A file of which content is to come. */
interface Incoming {
  readonly path: string;
  readonly size: number;
  readonly hash: Hash;
  left: number;
  /** Its content is written. */
  readonly wanted: boolean;
}

/**
 * Takes the files that a program made: those whose content stays in the sandbox are listed with the hash that the
 * warden gives, the others are hashed here and go into the sink. A file that the sink cannot take is not listed and has
 * a warning; its content is passed over. The work of a sink is awaited by whoever calls, before the next frame.
 */
export class ArtifactIntake {
  readonly #capture: Capture;
  readonly #sink: ArtifactSink | undefined;
  #file: Incoming | undefined;
  /** Bytes to come of a file that the sink did not take. */
  #passedOver = 0;
  #work: Promise<void> | undefined;

  constructor(capture: Capture, sink: ArtifactSink | undefined) {
    this.#capture = capture;
    this.#sink = sink;
  }

  /** A frame that names a file. Throws when it is malformed. */
  begin(payload: Buffer): void | Promise<void> {
    const { path, size, sha256 } = artifactFrameSchema.parse(JSON.parse(payload.toString()));
    if (sha256 !== undefined) {
      this.#capture.artifacts.push({ path, size, sha256 });
      return undefined;
    }
    this.#passedOver = 0;
    this.#file = undefined;
    try {
      const wanted = this.#sink?.begin(path, size) === true;
      this.#file = { path, size, hash: createHash("sha256"), left: size, wanted };
    } catch (error) {
      this.#warn(path, error);
      this.#passedOver = size;
      return undefined;
    }
    return size === 0 ? this.#pending(this.#end(this.#file)) : undefined;
  }

  /** A frame of content. Throws when it is more than was announced. */
  data(chunk: Buffer): void | Promise<void> {
    const file = this.#file;
    if (file === undefined) return this.#passOver(chunk);
    if (chunk.length > file.left) throw new Error("artifact data that was not announced");
    file.hash.update(chunk);
    file.left -= chunk.length;
    if (file.wanted) return this.#pending(this.#written(file, chunk));
    return file.left === 0 ? this.#pending(this.#end(file)) : undefined;
  }

  /** Closes the sink when what it is doing is done. */
  async close(): Promise<void> {
    await this.#work;
    try {
      await this.#sink?.close();
    } catch (error) {
      this.#capture.warn(`the artifacts could not all be written: ${(error as Error).message}`);
    }
  }

  #pending(work: Promise<void>): Promise<void> {
    this.#work = work;
    return work;
  }

  #passOver(chunk: Buffer): void {
    if (chunk.length > this.#passedOver) throw new Error("artifact data that was not announced");
    this.#passedOver -= chunk.length;
  }

  async #written(file: Incoming, chunk: Buffer): Promise<void> {
    try {
      await this.#sink?.write(chunk);
    } catch (error) {
      this.#fail(file, error);
      return;
    }
    if (file.left === 0) await this.#end(file);
  }

  async #end(file: Incoming): Promise<void> {
    const { path, size, hash, wanted } = file;
    const artifact = { path, size, sha256: hash.digest("hex") };
    this.#file = undefined;
    try {
      if (wanted) await this.#sink?.end(artifact);
      this.#capture.artifacts.push(artifact);
    } catch (error) {
      this.#warn(path, error);
    }
  }

  #fail(file: Incoming, error: unknown): void {
    this.#warn(file.path, error);
    this.#passedOver = file.left;
    this.#file = undefined;
  }

  #warn(path: string, error: unknown): void {
    this.#capture.warn(`artifact ${JSON.stringify(path)} could not be written: ${(error as Error).message}`);
  }
}
