import type { FinishedFrame, Limits, Outcome, Stage } from "@glovebox/protocol";
import { encodeFrame } from "../frames/codec.ts";
import { kinds } from "../frames/kinds.ts";
import type { FrameIntake } from "./frame-intake.ts";
import { type HandOver, handOverFrames } from "./hand-over.ts";
import type { LineUser, WardenLine } from "./warden-line.ts";

/*
 * One program in a leased sandbox, from its hand-over to its end.
 *
 * It goes on until it settles, once: with the warden's last frame, or with a fault. What the sandbox sends afterwards is
 * ignored. While whoever follows it is slow the line is held; it is drained, and held no more, once the program is dead
 * or about to die: what is left of its output is a few MiB at most, and a follower that stands still must not keep the
 * program from its end. A warden that stays silent after the time limit is given up.
 */

/** Time after the wall-clock limit at which a silent warden is taken for dead, in milliseconds. */
const backstopAfterMs = 10_000;

/** How it ended. Without `frame` the sandbox gave no account of itself, which is a fault. */
export interface ExchangeEnd {
  readonly outcome: Outcome;
  readonly frame: FinishedFrame | undefined;
}

export class Exchange implements LineUser {
  readonly end: Promise<ExchangeEnd>;
  readonly #line: WardenLine;
  readonly #intake: FrameIntake;
  readonly #stage: Stage;
  #settle: ((end: ExchangeEnd) => void) | undefined;
  #draining = false;
  #drainTimer: NodeJS.Timeout | undefined;
  #backstop: NodeJS.Timeout | undefined;

  constructor(line: WardenLine, intake: FrameIntake, stage: Stage) {
    this.#line = line;
    this.#intake = intake;
    this.#stage = stage;
    this.end = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Hands the program over. `limit` sets the limits that are kept from outside, before it starts. */
  start(handOver: HandOver, limit: (limits: Limits) => void): void {
    const { limits } = handOver;
    this.#line.open(this);
    if (this.#settle === undefined) return;
    this.#watch(limits);
    try {
      limit(limits);
      this.#line.send(handOverFrames(handOver));
    } catch (error) {
      this.fault(`the program could not be handed over: ${(error as Error).message}`);
    }
  }

  /** Has the warden end the program: with SIGINT first if there is a grace, and everything of it after that. */
  cancel(graceMs: number): void {
    if (this.#settle === undefined) return;
    this.#line.send(encodeFrame(kinds.cancel, { graceMs }));
    clearTimeout(this.#drainTimer);
    this.#drainTimer = setTimeout(() => this.#drain(), graceMs);
  }

  /** Reads no more until `resume`, for a follower that is slow. */
  hold(): void {
    if (!this.#draining) this.#line.hold();
  }

  /** Goes on reading what a slow follower had stopped. */
  resume(): void {
    this.#line.resume();
  }

  take(kind: number, payload: Buffer): void | Promise<void> {
    if (kind === kinds.finished) return this.#finished(payload);
    if (kind === kinds.fault) return this.fault(this.#intake.faultOf(payload));
    const work = this.#intake.take(kind, payload);
    if (this.#intake.full) this.hold();
    return work;
  }

  fault(message: string): void {
    this.#end({ outcome: { kind: "sandbox-fault", message, stage: this.#stage, violations: [] }, frame: undefined });
  }

  #finished(payload: Buffer): void {
    const frame = this.#intake.finish(payload);
    this.#end({ outcome: { ...frame.outcome, stage: this.#stage }, frame });
  }

  #end(end: ExchangeEnd): void {
    clearTimeout(this.#backstop);
    clearTimeout(this.#drainTimer);
    this.#line.close();
    this.#settle?.(end);
    this.#settle = undefined;
  }

  #drain(): void {
    this.#draining = true;
    this.#line.resume();
  }

  #watch(limits: Limits): void {
    this.#backstop = setTimeout(() => {
      if (this.#line.held) {
        this.#drain();
        this.#watch(limits);
      } else this.fault("the warden did not end its program in time");
    }, limits.timeoutMs + backstopAfterMs);
  }
}
