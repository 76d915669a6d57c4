import type { Artifact, ArtifactSink } from "@glovebox/protocol";

/** Keeps artifacts in memory. */
export class MemorySink implements ArtifactSink {
  /** Content by path, of files that are complete. */
  readonly files = new Map<string, string>();
  readonly artifacts: Artifact[] = [];
  closed = 0;
  #path = "";
  #chunks: Buffer[] = [];

  begin(path: string): boolean {
    this.#path = path;
    this.#chunks = [];
    return true;
  }

  write(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk));
  }

  end(artifact: Artifact): void {
    this.files.set(this.#path, Buffer.concat(this.#chunks).toString());
    this.artifacts.push(artifact);
  }

  close(): void {
    this.closed += 1;
  }
}
