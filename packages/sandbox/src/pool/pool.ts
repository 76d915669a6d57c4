import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { type Isolation, ProblemError } from "@glovebox/protocol";
import { Demand } from "./demand.ts";
import type { Ground } from "./ground.ts";
import { LastingGround } from "./lasting-ground.ts";
import type { AcquiredSandbox } from "./lease.ts";
import { Stock } from "./stock.ts";
import { Waiters } from "./waiters.ts";

/*
 * A pool keeps the parked sandboxes of one ground.
 *
 * A sandbox is `parking` from the command until its warden reports itself, `parked` until somebody acquires it,
 * `leased` until it is gone. Each leaves the books in one place, `#remove`; nothing is ever parked twice.
 *
 * Refilling competes with the programs for the same cores. So it waits while something computes, unless the stock
 * falls below half of its target, and then parks a few at a time; only when somebody waits for a sandbox does it park as
 * many as are asked for, a few more at once. A sandbox whose holder is idle slows nothing.
 *
 * After five failures in a row whoever waits is told; the pool tries again with a growing pause. When the ground
 * ends, all its sandboxes are dead with it: the books are cleared, and who waits waits for the next one.
 */

type State = "parking" | "parked" | "leased";

export interface PoolSetup {
  readonly min: number;
  readonly max: number;
  readonly makeGround: () => Ground;
  /** Whether something computes, and who is told when nothing does any more. */
  readonly turns: { readonly inUse: number; onQuiet(listener: () => void): () => void };
  readonly log: (line: string) => void;
}

const restIntervalMs = 10_000;
const urgentAtOnce = 10;
/** A park waits for the kernel most of its time, so that a stock in demand needs several under way. */
const busyAtOnce = 3;
const failuresBeforeGivingUp = 5;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export class Pool {
  readonly #setup: PoolSetup;
  readonly #states = new Map<string, State>();
  readonly #stock = new Stock();
  readonly #ground: LastingGround;
  readonly #waiters = new Waiters<AcquiredSandbox>();
  readonly #demand: Demand;
  readonly #restTimer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #parking = 0;
  #leased = 0;
  #failures = 0;
  #lastFailure = "";
  #refillTimer: NodeJS.Timeout | undefined;
  #closed: ProblemError | undefined;

  constructor(setup: PoolSetup) {
    this.#setup = setup;
    this.#demand = new Demand(setup.min, setup.max);
    this.#ground = new LastingGround(
      setup.makeGround,
      {
        parked: (...one) => this.#arrived(...one),
        gone: (id) => this.#gone(id),
        failed: (id, message) => this.#gone(id, message),
        started: () => this.#refill(),
        unavailable: (error) => this.#waiters.reject(error),
        ended: () => this.#clear(),
      },
      setup.log,
    );
    this.#restTimer = setInterval(() => this.#rest(), restIntervalMs);
    this.#restTimer.unref();
    this.#stopListening = setup.turns.onQuiet(() => this.#scheduleRefill());
  }

  get parked(): number {
    return this.#stock.size;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** True while a sandbox is leased or somebody waits for one. */
  get inUse(): boolean {
    return this.#leased > 0 || this.#waiters.length > 0;
  }

  /** False while the ground is being started or has ended. */
  get serving(): boolean {
    return this.#ground.alive;
  }

  /** Starts the ground without waiting for it, again and again while that fails. */
  startInBackground(): void {
    void this.#ground.startInBackground();
  }

  /** Starts the ground and begins to fill the pool. Rejects with `sandbox-unavailable`. */
  start(): Promise<void> {
    return this.#ground.start();
  }

  /**
   * Takes a parked sandbox, waiting for one when there is none. Rejects with the reason of `signal` when it
   * aborts first, with `sandbox-unavailable` when sandboxes cannot be made, and with `closed`.
   */
  async acquire(signal: AbortSignal): Promise<AcquiredSandbox> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed;
    const parked = this.#stock.take();
    if (parked !== undefined) {
      this.#demand.took(this.#stock.size);
      this.#scheduleRefill();
      return this.#lease(parked);
    }
    this.#demand.missed();
    const sandbox = this.#waiters.wait(signal, undefined);
    // Whoever waits is owed a try now, and an answer when it fails again.
    clearTimeout(this.#refillTimer);
    this.#refillTimer = undefined;
    this.#refill();
    return sandbox;
  }

  /** Destroys every sandbox and the ground. */
  async close(): Promise<void> {
    this.#closed = new ProblemError("closed", "the sandboxes are being closed");
    clearInterval(this.#restTimer);
    clearTimeout(this.#refillTimer);
    this.#stopListening();
    this.#waiters.reject(this.#closed);
    await this.#ground.close();
    this.#clear();
  }

  #lease(sandbox: AcquiredSandbox): AcquiredSandbox {
    this.#states.set(sandbox.id, "leased");
    this.#leased += 1;
    return sandbox;
  }

  /** Refills a moment later, so that the request at hand goes first; after failures with a growing pause. */
  #scheduleRefill(
    pause = this.#failures === 0 ? 1 : Math.min(firstPauseMs * 2 ** this.#failures, longestPauseMs),
  ): void {
    if (this.#refillTimer !== undefined || this.#closed !== undefined) return;
    this.#refillTimer = setTimeout(() => {
      this.#refillTimer = undefined;
      this.#refill();
    }, pause);
  }

  #refill(): void {
    if (this.#closed !== undefined || !this.serving || this.#refillTimer !== undefined) return;
    const waiting = this.#waiters.length;
    const target = this.#demand.target;
    if (waiting > 0) {
      // In demand, some more than wait: by the time they are parked they are asked for.
      const ahead = Math.max(0, Math.min(busyAtOnce, target - 1));
      this.#parkSome(Math.min(waiting + ahead, urgentAtOnce) - this.#parking);
      return;
    }
    const stock = this.#stock.size + this.#parking;
    const busy = this.#setup.turns.inUse > 0;
    if (busy && stock * 2 >= target) return;
    this.#parkSome(Math.min(target - stock, (busy ? busyAtOnce : 1) - this.#parking));
  }

  #parkSome(count: number): void {
    for (let left = count; left > 0 && this.#park(); left--);
  }

  /** Starts one more sandbox. False when it cannot be started now. */
  #park(): boolean {
    const id = randomBytes(12).toString("hex");
    let hasRoom: boolean;
    try {
      hasRoom = this.#ground.park(id, { rehearse: this.#waiters.length === 0 });
    } catch (error) {
      this.#failed((error as Error).message);
      this.#scheduleRefill();
      return false;
    }
    if (hasRoom) {
      this.#states.set(id, "parking");
      this.#parking += 1;
    } else if (this.#parking === 0 && this.#waiters.length > 0) {
      this.#scheduleRefill(firstPauseMs); // what others leave of the room is seen by a look alone
    }
    return hasRoom;
  }

  #arrived(id: string, connection: Duplex, isolation: Isolation): void {
    const kill = () => this.#ground.kill(id);
    const limit: AcquiredSandbox["limit"] = (limits) => this.#ground.limit(id, limits);
    const sandbox = { id, connection, isolation, limit, kill };
    this.#states.set(id, "parked");
    this.#parking -= 1;
    this.#failures = 0;
    this.#lastFailure = "";
    connection.on("error", () => connection.destroy());
    if (this.#waiters.length > 0) this.#waiters.serve(() => this.#lease(sandbox));
    else this.#stock.add(sandbox);
    this.#stock.shrink(this.#setup.max); // one may have been asked for by a request that has given up
    this.#refill();
  }

  /** A sandbox is dead; `failure` says why it could not be made. */
  #gone(id: string, failure?: string): void {
    if (this.#remove(id) === "parking") this.#failed(failure);
    this.#scheduleRefill();
  }

  #remove(id: string): State | undefined {
    const state = this.#states.get(id);
    this.#states.delete(id);
    if (state === "parking") this.#parking -= 1;
    else if (state === "parked") this.#stock.drop(id);
    else if (state === "leased") this.#leased -= 1;
    return state;
  }

  #failed(failure: string | undefined): void {
    if (this.#closed !== undefined) return;
    this.#failures += 1;
    this.#lastFailure = failure ?? this.#lastFailure;
    const said = [this.#lastFailure, ...this.#ground.errors.slice(-3)].filter(Boolean);
    const reason = said.length > 0 ? said.join("; ") : "it ended without a word, as when the host is short of memory";
    this.#setup.log(`pool: a sandbox could not be parked: ${reason}`);
    if (this.#failures < failuresBeforeGivingUp) return;
    this.#waiters.reject(new ProblemError("sandbox-unavailable", `sandboxes cannot be made: ${reason}`));
  }

  /** All that stood on the ground is gone with it. Of those that were being parked that is one failure. */
  #clear(): void {
    const parking = this.#parking;
    for (const id of [...this.#states.keys()]) this.#remove(id);
    if (parking > 0) this.#failed(undefined);
  }

  #rest(): void {
    this.#demand.rest();
    this.#stock.shrink(this.#demand.target);
    this.#refill();
  }
}
