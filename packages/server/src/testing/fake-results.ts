import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { type Artifact, type ArtifactSink, binaryRecordWarning, type ProgramEvent } from "@glovebox/protocol";

/** Collects the output of a fake program as the real ones do. */
export class FakeOutput {
  readonly #collects: boolean;
  readonly #chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };

  constructor(collects: boolean) {
    this.#collects = collects;
  }

  take(event: ProgramEvent): void {
    if (!this.#collects || (event.type !== "stdout" && event.type !== "stderr")) return;
    this.#chunks[event.type].push(event.data);
  }

  /** The output as text, and as bytes where it is none, which a warning says. */
  texts(warnings: string[]) {
    const stdout = Buffer.concat(this.#chunks.stdout);
    const stderr = Buffer.concat(this.#chunks.stderr);
    const base64 = (stream: "stdout" | "stderr", bytes: Buffer) => {
      if (isUtf8(bytes)) return {};
      warnings.push(binaryRecordWarning(stream));
      return { [`${stream}Base64`]: bytes.toString("base64") };
    };
    return {
      stdout: stdout.toString(),
      stderr: stderr.toString(),
      ...base64("stdout", stdout),
      ...base64("stderr", stderr),
    };
  }
}

/** Hands a file of a fake program over, in two pieces that are valid during the call. */
export async function keepArtifact(
  { path, content }: { readonly path: string; readonly content: Uint8Array },
  sink: ArtifactSink | undefined,
  listed: Artifact[],
  warnings: string[],
): Promise<void> {
  const artifact = { path, size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  try {
    if (sink?.begin(path, content.length) === true) {
      const half = content.length >> 1;
      for (const part of [content.subarray(0, half), content.subarray(half)]) {
        const piece = new Uint8Array(part);
        await sink.write(piece);
        piece.fill(0);
      }
      await sink.end(artifact);
    }
    listed.push(artifact);
  } catch (error) {
    warnings.push((error as Error).message);
  }
}
