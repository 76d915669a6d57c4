import type { Artifact, ArtifactSink } from "@glovebox/protocol";
import type { ListedArtifact } from "../engine/index.ts";

/** Bytes of artifacts that are kept of one execution: 64 MiB. */
const mostBytes = 64 * 1024 * 1024;

/** Asks for memory; false when it is not to be had. */
export type Reserve = (bytes: number) => boolean;

/** The content of the files of one execution. */
export class MemoryArtifacts implements ArtifactSink {
  readonly #reserve: Reserve;
  readonly #contents = new Map<string, Buffer>();
  #bytes = 0;
  #current: { readonly content: Buffer; length: number } | undefined;

  constructor(reserve: Reserve) {
    this.#reserve = reserve;
  }

  begin(_path: string, size: number): boolean {
    this.#current = undefined;
    if (this.#bytes + size > mostBytes || !this.#reserve(size)) return false;
    this.#bytes += size;
    this.#current = { content: Buffer.allocUnsafeSlow(size), length: 0 };
    return true;
  }

  write(chunk: Uint8Array): void {
    const { content, length } = this.#current ?? { content: Buffer.alloc(0), length: 0 };
    content.set(chunk.subarray(0, content.length - length), length);
    if (this.#current !== undefined) this.#current.length += chunk.length;
  }

  end({ path }: Artifact): void {
    // Memory that was not written must not be read: it can hold anything of this process.
    if (this.#current !== undefined && this.#current.length === this.#current.content.length) {
      this.#contents.set(path, this.#current.content);
    }
    this.#current = undefined;
  }

  close(): void {
    this.#current = undefined;
  }

  /** What the record lists, with the content of those that were kept. */
  listed(artifact: Artifact): ListedArtifact {
    const content = this.#contents.get(artifact.path);
    if (content === undefined || content.length !== artifact.size) return artifact;
    return { ...artifact, read: ({ start, end } = { start: 0, end: content.length }) => content.subarray(start, end) };
  }
}
