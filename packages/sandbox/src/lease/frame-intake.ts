import {
  alertFrameSchema,
  type FinishedFrame,
  faultFrameSchema,
  finishedFrameSchema,
  type ProgramEvent,
  parseRunnerMessage,
  sampleSchema,
} from "@glovebox/protocol";
import { kinds } from "../frames/kinds.ts";
import type { ArtifactIntake } from "./artifact-intake.ts";
import type { Capture, Stream } from "./capture.ts";
import { finalWarnings } from "./final-warnings.ts";
import { readResults } from "./results-file.ts";

/** Malformed messages of one program after which it is not listened to any more: each costs time that all share. */
const malformedBeforeGivingUp = 100;

/** Bytes of the file of results that a warden sends at most (see runners/warden/results.py). */
const maxResultsBytes = 8 * 1024 * 1024;

/** Who follows a program. */
export interface Follower {
  /** Gets every event, in order. False asks to read no more of the sandbox for now. */
  readonly on?: ((event: ProgramEvent) => boolean) | undefined;
  /** Keep stdout and stderr for the end. */
  readonly collectOutput: boolean;
}

/**
 * Turns the frames of one sandbox into what is captured of its program, and into events. Every payload is parsed against
 * its schema; what breaks it throws, because a warden that does is no longer trusted.
 */
export class FrameIntake {
  readonly #capture: Capture;
  readonly #artifacts: ArtifactIntake;
  readonly #follower: Follower;
  readonly #resultsFile: Buffer[] = [];
  #resultsBytes = 0;
  #malformed = 0;
  #full = false;

  constructor(capture: Capture, artifacts: ArtifactIntake, follower: Follower) {
    this.#capture = capture;
    this.#artifacts = artifacts;
    this.#follower = follower;
  }

  /** True when the last event was more than its follower can take. */
  get full(): boolean {
    return this.#full;
  }

  /** Takes one frame that is not the last. Throws when it is malformed. */
  take(kind: number, payload: Buffer): void | Promise<void> {
    switch (kind) {
      case kinds.stdout:
        return this.#output("stdout", payload);
      case kinds.stderr:
        return this.#output("stderr", payload);
      case kinds.message:
        return this.#message(payload);
      case kinds.sample: {
        const sample = sampleSchema.parse(JSON.parse(payload.toString()));
        this.#capture.samples.push(sample);
        return this.#tell({ type: "metrics", sample });
      }
      case kinds.alert:
        return this.#tell({ type: "alert", ...alertFrameSchema.parse(JSON.parse(payload.toString())) });
      case kinds.artifact:
        return this.#artifacts.begin(payload);
      case kinds.artifactData:
        return this.#artifacts.data(payload);
      case kinds.results:
        this.#resultsBytes += payload.length;
        if (this.#resultsBytes > maxResultsBytes) throw new Error("more results than were agreed");
        this.#resultsFile.push(Buffer.from(payload));
        return undefined;
      default:
        throw new Error(`unknown frame ${kind}`);
    }
  }

  /** Takes the last frame of a warden that gives account of its program. */
  finish(payload: Buffer): FinishedFrame {
    const frame = finishedFrameSchema.parse(JSON.parse(payload.toString()));
    this.#takeResults();
    this.#capture.warnings.push(...finalWarnings(frame));
    return frame;
  }

  /** What the last frame of a warden says that has failed. */
  faultOf(payload: Buffer): string {
    return faultFrameSchema.parse(JSON.parse(payload.toString())).message;
  }

  #tell(event: ProgramEvent | undefined): void {
    if (event !== undefined) this.#full = this.#follower.on?.(event) === false;
  }

  #output(stream: Stream, data: Buffer): void {
    if (this.#follower.collectOutput) this.#capture.output(stream, data);
    if (stream === "stderr") this.#capture.errorText.push(data);
    this.#tell({ type: stream, data });
  }

  /** What the runner says is the program's word: a malformed message costs the program that message. */
  #message(payload: Buffer): void {
    if (this.#malformed >= malformedBeforeGivingUp) return;
    const message = parseRunnerMessage(payload.toString("utf8"));
    if (message === undefined) {
      this.#malformed += 1;
      this.#capture.warn("the program sent a message that is none of the runner's; it was dropped");
    } else this.#tell(this.#capture.message(message));
  }

  #takeResults(): void {
    if (this.#resultsBytes === 0) return;
    const { results, warnings } = readResults(Buffer.concat(this.#resultsFile).toString("utf8"));
    for (const warning of warnings) this.#capture.warn(warning);
    for (const result of results) this.#tell(this.#capture.message(result));
  }
}
