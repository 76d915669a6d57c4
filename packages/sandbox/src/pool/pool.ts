import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { type Isolation, ProblemError } from "@glovebox/protocol";
import { Demand } from "./demand.ts";
import type { Ground } from "./ground.ts";
import type { LeasedSandbox } from "./lease.ts";
import { Waiters } from "./waiters.ts";

/*
 * A pool keeps the parked sandboxes of one ground.
 *
 * A sandbox is `parking` from the command until its warden reports itself, `parked` until somebody acquires it,
 * `leased` until it is gone. Each leaves the books in one place, `#gone`; nothing is ever parked twice.
 *
 * Refilling competes with the programs for the same cores. So it waits while something computes, unless the stock
 * falls below half of its target, and then parks a few at a time; only when somebody waits for a sandbox does it park as
 * many as are asked for, a few more at once. A sandbox whose holder is idle slows nothing.
 *
 * After five failures in a row whoever waits is told; the pool tries again with a growing pause. When the ground
 * ends all its sandboxes are dead with it: the books are cleared and a new one starts, with a growing pause while
 * that fails.
 */

type State = "parking" | "parked" | "leased";

/** A sandbox that whoever acquired it has for itself. */
export interface AcquiredSandbox extends LeasedSandbox {
  readonly isolation: Isolation;
}

interface Parked {
  readonly sandbox: AcquiredSandbox;
  /** Ends the watch over its connection. */
  readonly unwatch: () => void;
}

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
  readonly #parked = new Map<string, Parked>(); // longest first
  readonly #waiters = new Waiters<AcquiredSandbox>();
  readonly #demand: Demand;
  readonly #restTimer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #ground: Ground | undefined;
  #parking = 0;
  #leased = 0;
  #failures = 0;
  #lastFailure = "";
  #pauseMs = firstPauseMs;
  #refillTimer: NodeJS.Timeout | undefined;
  #closed: ProblemError | undefined;

  constructor(setup: PoolSetup) {
    this.#setup = setup;
    this.#demand = new Demand(setup.min, setup.max);
    this.#restTimer = setInterval(() => this.#rest(), restIntervalMs);
    this.#restTimer.unref();
    this.#stopListening = setup.turns.onQuiet(() => this.#scheduleRefill());
  }

  get parked(): number {
    return this.#parked.size;
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
    return this.#ground?.alive === true;
  }

  /** Starts the ground without waiting for it, again and again while that fails. */
  startInBackground(): void {
    void this.#restart();
  }

  /** Starts the ground and begins to fill the pool. Rejects with `sandbox-unavailable`. */
  async start(): Promise<void> {
    const ground = this.#setup.makeGround();
    this.#ground = ground;
    await ground.start({
      parked: (id, connection) => this.#arrived(id, connection, ground),
      gone: (id) => this.#gone(id),
      failed: (id, message) => this.#gone(id, message),
      ended: () => this.#ended(),
    });
    this.#refill();
  }

  /**
   * Takes a parked sandbox, waiting for one when there is none. Rejects with the reason of `signal` when it
   * aborts first, with `sandbox-unavailable` when sandboxes cannot be made, and with `closed`.
   */
  async acquire(signal: AbortSignal): Promise<AcquiredSandbox> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed;
    for (const { sandbox, unwatch } of this.#parked.values()) {
      this.#parked.delete(sandbox.id);
      unwatch();
      this.#demand.took(this.#parked.size);
      this.#scheduleRefill();
      return this.#lease(sandbox);
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
    await this.#ground?.close();
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
    const stock = this.#parked.size + this.#parking;
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
      hasRoom = this.#ground?.park(id, { rehearse: this.#waiters.length === 0 }) === true;
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

  #arrived(id: string, connection: Duplex, ground: Ground): void {
    const kill = () => ground.kill(id);
    const limit: AcquiredSandbox["limit"] = (limits) => ground.limit(id, limits);
    const sandbox: AcquiredSandbox = { id, connection, isolation: ground.isolation, limit, kill };
    this.#states.set(id, "parked");
    this.#parking -= 1;
    this.#failures = 0;
    this.#lastFailure = "";
    this.#pauseMs = firstPauseMs;
    connection.on("error", () => connection.destroy());
    if (this.#waiters.length > 0) this.#waiters.serve(() => this.#lease(sandbox));
    else if (this.#parked.size >= this.#setup.max)
      kill(); // was asked for by a request that has given up
    else this.#keep(sandbox);
    this.#refill();
  }

  #keep(sandbox: AcquiredSandbox): void {
    const { id, connection, kill } = sandbox;
    const lost = () => {
      this.#parked.delete(id); // nobody is to be given it until the ground says that it is gone
      kill();
    };
    connection.on("close", lost);
    this.#parked.set(id, { sandbox, unwatch: () => connection.off("close", lost) });
  }

  /** The one end of every sandbox; `failure` says why one could not be made. */
  #gone(id: string, failure?: string): void {
    const state = this.#states.get(id);
    this.#states.delete(id);
    if (state === "parking") {
      this.#parking -= 1;
      this.#failed(failure);
    } else if (state === "parked") {
      this.#forget(id);
    } else if (state === "leased") {
      this.#leased -= 1;
    }
    this.#scheduleRefill();
  }

  #forget(id: string): void {
    const parked = this.#parked.get(id);
    this.#parked.delete(id);
    parked?.unwatch();
    parked?.sandbox.connection.destroy();
  }

  #failed(failure: string | undefined): void {
    if (this.#closed !== undefined) return;
    this.#failures += 1;
    this.#lastFailure = failure ?? this.#lastFailure;
    const said = [this.#lastFailure, ...(this.#ground?.errors ?? []).slice(-3)].filter(Boolean);
    const reason = said.length > 0 ? said.join("; ") : "it ended without a word, as when the host is short of memory";
    this.#setup.log(`pool: a sandbox could not be parked: ${reason}`);
    if (this.#failures < failuresBeforeGivingUp) return;
    this.#waiters.reject(new ProblemError("sandbox-unavailable", `sandboxes cannot be made: ${reason}`));
  }

  /** All that stood on the ground is gone with it. */
  #clear(): void {
    for (const id of [...this.#states.keys()]) this.#gone(id);
  }

  #ended(): void {
    this.#clear();
    if (this.#closed !== undefined) return;
    this.#setup.log(`pool: the ground of its sandboxes is gone, a new one starts in ${this.#pauseMs} ms`);
    const timer = setTimeout(() => void this.#restart(), this.#pauseMs);
    timer.unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  async #restart(): Promise<void> {
    if (this.#closed !== undefined) return;
    try {
      await this.start();
    } catch (error) {
      if (this.#closed !== undefined) return;
      this.#setup.log(`pool: ${(error as Error).message}`);
      this.#waiters.reject(error as Error);
      this.#ended();
    }
  }

  #rest(): void {
    this.#demand.rest();
    for (const { sandbox } of [...this.#parked.values()].slice(this.#demand.target)) {
      this.#parked.delete(sandbox.id);
      sandbox.kill();
    }
    this.#refill();
  }
}
