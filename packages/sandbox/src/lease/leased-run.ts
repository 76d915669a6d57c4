import type { FinishedFrame, Limits, Outcome } from "@glovebox/protocol";
import { encodeFrame, FrameDecoder } from "../frames/codec.ts";
import { kinds } from "../frames/kinds.ts";
import type { LeasedSandbox } from "../pool/lease.ts";
import type { ArtifactWriter } from "./artifact-writer.ts";
import type { EventQueue } from "./event-queue.ts";
import { FrameIntake } from "./frame-intake.ts";
import { type HandOver, handOverFrames } from "./hand-over.ts";
import { backstopMs, type RunRecord } from "./record.ts";

/*
 * What happens in one leased sandbox, from the lease to its last frame.
 *
 * `#settle` is the one end, and what comes after it from the sandbox is ignored. The sandbox is destroyed in every
 * case: by its own warden after the last frame, by `kill` otherwise.
 */

export interface LeasedRunSetup {
  readonly sandbox: LeasedSandbox;
  readonly lease: HandOver;
  readonly stage: Outcome["stage"];
  readonly record: RunRecord;
  readonly events: EventQueue;
  readonly collectOutput: boolean;
  readonly writer: ArtifactWriter | undefined;
}

/** How it ended. Without `frame` the sandbox gave no account of itself, which is a fault. */
export interface LeasedEnd {
  readonly outcome: Outcome;
  readonly frame: FinishedFrame | undefined;
}

export class LeasedRun {
  readonly end: Promise<LeasedEnd>;
  readonly #setup: LeasedRunSetup;
  readonly #intake: FrameIntake;
  readonly #decoder = new FrameDecoder();
  #draining = false;
  #drainTimer: NodeJS.Timeout | undefined;
  #backstop: NodeJS.Timeout | undefined;
  #settle: (outcome: Outcome, frame?: FinishedFrame) => void = () => {};

  /** Hands the program over at once. */
  constructor(setup: LeasedRunSetup) {
    const { record, events, collectOutput, stage, writer } = setup;
    this.#setup = setup;
    this.#intake = new FrameIntake(record, events, collectOutput, {
      finished: (frame) => this.#settle({ ...frame.outcome, stage }, frame),
      fault: (message) => this.#fault(message),
    });
    this.#intake.writer = writer;
    this.end = this.#start();
  }

  /** Goes on reading what a slow reader had stopped. */
  resume(): void {
    this.#setup.sandbox.connection.resume();
  }

  cancel(graceMs: number): void {
    const { connection: socket } = this.#setup.sandbox;
    if (!socket.writable) return;
    for (const part of encodeFrame(kinds.cancel, { graceMs })) socket.write(part);
    clearTimeout(this.#drainTimer);
    this.#drainTimer = setTimeout(() => this.#drain(), graceMs);
  }

  /**
   * The program is dead or about to die: what is left of its output is a few MiB at most, and a reader that
   * stands still must not keep the run from its end.
   */
  #drain(): void {
    this.#draining = true;
    this.resume();
  }

  #start(): Promise<LeasedEnd> {
    const { sandbox, lease, writer } = this.#setup;
    const { connection: socket } = sandbox;
    return new Promise((resolve) => {
      let settled = false;
      this.#settle = (outcome, frame) => {
        if (settled) return;
        settled = true;
        clearTimeout(this.#backstop);
        clearTimeout(this.#drainTimer);
        writer?.close();
        if (frame === undefined) sandbox.kill();
        socket.destroy();
        resolve({ outcome, frame });
      };
      socket.on("error", (error) => this.#fault(`the connection to the sandbox broke: ${error.message}`));
      socket.on("close", () => this.#fault("the sandbox ended without a result"));
      socket.on("data", (chunk) => this.#receive(chunk));
      if (socket.destroyed) {
        this.#fault("the sandbox ended before it was given its program"); // no event of the socket would say so
        return;
      }
      this.#watch(lease.limits);
      try {
        sandbox.limit(lease.limits);
        socket.cork();
        for (const part of handOverFrames(lease)) socket.write(part);
        socket.uncork();
        socket.resume();
      } catch (error) {
        this.#fault(`the program could not be handed over: ${(error as Error).message}`);
      }
    });
  }

  /** A warden that stays silent after the wall-clock limit is ended from outside. */
  #watch(limits: Limits): void {
    clearTimeout(this.#backstop);
    this.#backstop = setTimeout(() => {
      if (this.#setup.sandbox.connection.isPaused()) {
        this.#drain();
        this.#watch(limits);
      } else this.#fault("the warden did not end its program in time");
    }, backstopMs(limits));
  }

  #fault(message: string): void {
    this.#settle({ kind: "sandbox-fault", message, stage: this.#setup.stage, violations: [] });
  }

  #receive(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk, (kind, payload) => this.#intake.take(kind, payload));
      if (this.#setup.events.full && !this.#draining) this.#setup.sandbox.connection.pause();
    } catch (error) {
      this.#fault(`the sandbox broke its protocol: ${(error as Error).message}`);
    }
  }
}
