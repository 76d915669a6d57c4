import {
  alertFrameSchema,
  artifactFrameSchema,
  type FinishedFrame,
  faultFrameSchema,
  finishedFrameSchema,
  parseRunnerMessage,
  sampleSchema,
} from "@glovebox/protocol";
import { kinds } from "../frames/kinds.ts";
import type { ArtifactWriter } from "./artifact-writer.ts";
import type { EventQueue } from "./event-queue.ts";
import { finishedWarnings, type RunRecord } from "./record.ts";
import { readResults } from "./results-file.ts";

/** Malformed messages of one program after which it is not listened to any more: each costs time that all share. */
const malformedBeforeGivingUp = 100;

/** Bytes of the file of results that a warden sends at most (see runners/warden/results.py). */
const maxResultsBytes = 8 * 1024 * 1024;

/** Who is told of the two frames that end a run. */
export interface Endings {
  readonly finished: (frame: FinishedFrame) => void;
  readonly fault: (message: string) => void;
}

/**
 * Turns the frames of one sandbox into its record and its events. Every payload is parsed against its schema;
 * what breaks it throws, because a warden that does is no longer trusted.
 */
export class FrameIntake {
  /** Set when the caller wants the artifacts' content. */
  writer: ArtifactWriter | undefined;
  readonly #record: RunRecord;
  readonly #events: EventQueue;
  readonly #collectOutput: boolean;
  readonly #endings: Endings;
  readonly #resultsFile: Buffer[] = [];
  #resultsBytes = 0;
  #writing = false;
  #malformed = 0;

  constructor(record: RunRecord, events: EventQueue, collectOutput: boolean, endings: Endings) {
    this.#record = record;
    this.#events = events;
    this.#collectOutput = collectOutput;
    this.#endings = endings;
  }

  /** Takes one frame. Throws when it is malformed. */
  take(kind: number, payload: Buffer): void {
    switch (kind) {
      case kinds.stdout:
      case kinds.stderr: {
        const stream = kind === kinds.stdout ? "stdout" : "stderr";
        if (this.#collectOutput) this.#record.output(stream, payload);
        if (stream === "stderr") this.#record.errorText.push(payload);
        this.#events.push({ type: stream, data: payload });
        return;
      }
      case kinds.message:
        this.#message(payload);
        return;
      case kinds.sample: {
        const sample = sampleSchema.parse(JSON.parse(payload.toString()));
        this.#record.samples.push(sample);
        this.#events.push({ type: "metrics", sample });
        return;
      }
      case kinds.alert:
        this.#events.push({ type: "alert", ...alertFrameSchema.parse(JSON.parse(payload.toString())) });
        return;
      case kinds.artifact:
        this.#artifact(payload);
        return;
      case kinds.artifactData:
        this.#artifactData(payload);
        return;
      case kinds.results:
        this.#resultsBytes += payload.length;
        if (this.#resultsBytes > maxResultsBytes) throw new Error("more results than were agreed");
        this.#resultsFile.push(Buffer.from(payload));
        return;
      case kinds.finished: {
        const frame = finishedFrameSchema.parse(JSON.parse(payload.toString()));
        this.#takeResults();
        this.#record.warnings.push(...finishedWarnings(frame));
        this.#endings.finished(frame);
        return;
      }
      case kinds.fault:
        this.#endings.fault(faultFrameSchema.parse(JSON.parse(payload.toString())).message);
        return;
      default:
        throw new Error(`unknown frame ${kind}`);
    }
  }

  /** What the runner says is the program's word: a malformed message costs the program that message. */
  #message(payload: Buffer): void {
    if (this.#malformed >= malformedBeforeGivingUp) return;
    const message = parseRunnerMessage(payload.toString("utf8"));
    if (message === undefined) {
      this.#malformed += 1;
      this.#record.warn("the program sent a message that is none of the runner's; it was dropped");
      return;
    }
    const event = this.#record.message(message);
    if (event !== undefined) this.#events.push(event);
  }

  #takeResults(): void {
    if (this.#resultsBytes === 0) return;
    const { results, warnings } = readResults(Buffer.concat(this.#resultsFile).toString("utf8"));
    for (const warning of warnings) this.#record.warn(warning);
    for (const result of results) {
      const event = this.#record.message(result);
      if (event !== undefined) this.#events.push(event);
    }
  }

  #artifact(payload: Buffer): void {
    const { path, size, sha256 } = artifactFrameSchema.parse(JSON.parse(payload.toString()));
    if (sha256 !== undefined) {
      this.#record.artifacts.push({ path, size, sha256 });
      return;
    }
    this.#writing = false;
    try {
      this.writer?.begin(path, size);
      this.#writing = true;
      if (size === 0) this.#artifactData(Buffer.alloc(0));
    } catch (error) {
      this.#record.warn(`artifact ${JSON.stringify(path)} could not be written: ${(error as Error).message}`);
    }
  }

  #artifactData(payload: Buffer): void {
    if (!this.#writing) return;
    const artifact = this.writer?.data(payload);
    if (artifact !== undefined) this.#record.artifacts.push(artifact);
  }
}
