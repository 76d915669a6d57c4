import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { type Limits, ProblemError } from "@glovebox/protocol";
import type { Cgroups } from "../host/cgroups/index.ts";
import type { IdentityPlan } from "../host/identities.ts";
import type { Nursery } from "../nursery/nursery.ts";
import type { Reception } from "../nursery/reception.ts";
import { Demand } from "./demand.ts";
import type { ParkedSandbox } from "./parked-sandbox.ts";
import type { UidSlots } from "./uid-slots.ts";
import { Waiters } from "./waiters.ts";

/*
 * A pool keeps the parked sandboxes of one nursery.
 *
 * A sandbox is `parking` from the command until its warden reports itself, `parked` until a lease takes it,
 * `leased` until its warden is dead. Each entry leaves the books in one place, `#gone`, which gives back its
 * uid and removes its cgroup; nothing is ever parked twice.
 *
 * Refilling competes with the programs for the same cores. So it waits while programs run, unless the stock
 * falls below half of its target, and then parks one at a time; only when a request waits does it park as
 * many as are asked for, a few at once.
 *
 * When the nursery dies all its sandboxes are dead with it: the books are cleared and a new nursery starts,
 * with a growing pause while that fails.
 */

type State = "parking" | "parked" | "leased";

interface Entry {
  readonly id: string;
  readonly uid: number;
  readonly nursery: Nursery;
  state: State;
  socket: Socket | undefined;
  timer: NodeJS.Timeout | undefined;
  readonly gone: Promise<void>;
  readonly markGone: () => void;
}

export interface PoolSetup {
  readonly min: number;
  readonly max: number;
  readonly limits: Limits;
  readonly identities: IdentityPlan;
  /** Shared by all pools of an instance, so that no two sandboxes have the same uid. */
  readonly uids: UidSlots;
  readonly cgroups: Cgroups;
  readonly reception: Reception;
  readonly makeNursery: () => Nursery;
  readonly log: (line: string) => void;
}

const parkTimeoutMs = 30_000;
const restIntervalMs = 10_000;
const urgentAtOnce = 10;
/** A park waits for the kernel most of its time, so that a stock in demand needs several under way. */
const busyAtOnce = 3;
const failuresBeforeGivingUp = 5;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export class Pool {
  readonly #setup: PoolSetup;
  readonly #entries = new Map<string, Entry>();
  readonly #parked: Entry[] = [];
  readonly #waiters = new Waiters<ParkedSandbox>();
  readonly #uids: UidSlots;
  readonly #demand: Demand;
  readonly #restTimer: NodeJS.Timeout;
  #nursery: Nursery | undefined;
  #parking = 0;
  #leased = 0;
  #failures = 0;
  #lastFailure = "";
  #pauseMs = firstPauseMs;
  #refillTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(setup: PoolSetup) {
    this.#setup = setup;
    this.#uids = setup.uids;
    this.#demand = new Demand(setup.min, setup.max);
    this.#restTimer = setInterval(() => this.#rest(), restIntervalMs);
    this.#restTimer.unref();
  }

  get parked(): number {
    return this.#parked.length;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** True while a sandbox is leased or somebody waits for one. */
  get inUse(): boolean {
    return this.#leased > 0 || this.#waiters.length > 0;
  }

  /** False while the nursery is being started or has died. */
  get serving(): boolean {
    return this.#nursery?.alive === true;
  }

  /** Starts the nursery without waiting for it, again and again while that fails. */
  startInBackground(): void {
    void this.#restart();
  }

  /** Starts the nursery and begins to fill the pool. Rejects with `sandbox-unavailable`. */
  async start(): Promise<void> {
    const nursery = this.#setup.makeNursery();
    nursery.on("gone", (id) => this.#gone(id));
    nursery.on("failed", (id, message) => {
      this.#lastFailure = message;
      this.#gone(id);
    });
    nursery.on("exit", () => this.#nurseryDied(nursery));
    this.#nursery = nursery;
    await nursery.start();
    this.#refill();
  }

  /**
   * Takes a parked sandbox, waiting for one when there is none. Rejects with the reason of `signal` when it
   * aborts first, and with `sandbox-unavailable` when sandboxes cannot be made.
   */
  acquire(signal: AbortSignal): Promise<ParkedSandbox> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const entry = this.#parked.shift();
    if (entry !== undefined) {
      this.#demand.took(this.#parked.length);
      const lease = this.#lease(entry);
      this.#scheduleRefill();
      return Promise.resolve(lease);
    }
    this.#demand.missed();
    const sandbox = this.#waiters.wait(signal);
    // Whoever waits is owed a try now, and an answer when it fails again.
    clearTimeout(this.#refillTimer);
    this.#refillTimer = undefined;
    this.#refill();
    return sandbox;
  }

  /** Destroys every sandbox and the nursery. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#restTimer);
    clearTimeout(this.#refillTimer);
    const closed = new ProblemError("closed", "the sandboxes are being closed");
    this.#waiters.reject(closed);
    await this.#nursery?.stop();
    for (const id of [...this.#entries.keys()]) this.#gone(id);
  }

  #lease(entry: Entry): ParkedSandbox {
    const { socket } = entry;
    if (socket === undefined) throw new Error("a parked sandbox has a connection");
    entry.state = "leased";
    this.#leased += 1;
    socket.removeAllListeners("close");
    return {
      id: entry.id,
      socket,
      limit: (limits) => this.#setup.cgroups.limit(entry.id, limits),
      kill: () => entry.nursery.kill(entry.id),
      gone: entry.gone,
    };
  }

  /** Refills a moment later, so that the request at hand goes first; after failures with a growing pause. */
  #scheduleRefill(): void {
    if (this.#refillTimer !== undefined || this.#closed) return;
    const pause = this.#failures === 0 ? 1 : Math.min(firstPauseMs * 2 ** this.#failures, longestPauseMs);
    this.#refillTimer = setTimeout(() => {
      this.#refillTimer = undefined;
      this.#refill();
    }, pause);
  }

  #refill(): void {
    if (this.#closed || this.#nursery?.alive !== true || this.#refillTimer !== undefined) return;
    const waiting = this.#waiters.length;
    const target = this.#demand.target;
    if (waiting > 0) {
      // In demand, some more than wait: by the time they are parked they are asked for.
      const ahead = Math.max(0, Math.min(busyAtOnce, target - 1));
      this.#parkSome(Math.min(waiting + ahead, urgentAtOnce) - this.#parking);
      return;
    }
    const stock = this.#parked.length + this.#parking;
    const busy = this.#leased > 0;
    if (busy && stock * 2 >= target) return;
    this.#parkSome(Math.min(target - stock, (busy ? busyAtOnce : 1) - this.#parking));
  }

  #parkSome(count: number): void {
    for (let left = count; left > 0 && this.#park(); left--);
  }

  /** Starts one more sandbox. False when it cannot be started now. */
  #park(): boolean {
    const { cgroups, identities, limits, reception } = this.#setup;
    const nursery = this.#nursery;
    const uid = this.#uids.take();
    if (nursery === undefined || uid === undefined) return false;
    const id = randomBytes(12).toString("hex");
    let markGone = () => {};
    const gone = new Promise<void>((resolve) => {
      markGone = resolve;
    });
    const entry: Entry = { id, uid, nursery, state: "parking", socket: undefined, timer: undefined, gone, markGone };
    this.#entries.set(id, entry);
    this.#parking += 1;
    let folders: Record<string, string>;
    try {
      folders = cgroups.create(id, limits, identities);
    } catch (error) {
      this.#lastFailure = `its cgroup cannot be made: ${(error as Error).message}`;
      this.#gone(id);
      return false;
    }
    entry.timer = setTimeout(() => {
      this.#lastFailure = "a sandbox did not report itself in time";
      nursery.kill(id);
    }, parkTimeoutMs);
    reception.expect(id, (socket) => this.#arrived(entry, socket));
    nursery.park(id, uid, folders, this.#waiters.length === 0);
    return true;
  }

  #arrived(entry: Entry, socket: Socket): void {
    clearTimeout(entry.timer);
    entry.socket = socket;
    entry.state = "parked";
    this.#parking -= 1;
    this.#failures = 0;
    this.#pauseMs = firstPauseMs;
    socket.on("error", () => socket.destroy());
    if (this.#waiters.length > 0) this.#waiters.serve(this.#lease(entry));
    else if (this.#parked.length >= this.#setup.max) {
      entry.nursery.kill(entry.id); // was asked for by a request that has given up
    } else {
      this.#parked.push(entry);
      socket.on("close", () => {
        this.#unpark(entry); // nobody is to be given it until the nursery says that it is gone
        entry.nursery.kill(entry.id);
      });
    }
    this.#refill();
  }

  #unpark(entry: Entry): void {
    const index = this.#parked.indexOf(entry);
    if (index >= 0) this.#parked.splice(index, 1);
  }

  /** The one end of every sandbox. */
  #gone(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    clearTimeout(entry.timer);
    this.#setup.reception.forget(id);
    if (entry.state === "parking") {
      this.#parking -= 1;
      this.#failed(entry);
    } else if (entry.state === "parked") {
      this.#unpark(entry);
      entry.socket?.destroy();
    } else {
      this.#leased -= 1;
    }
    this.#uids.give(entry.uid);
    entry.markGone();
    this.#setup.cgroups.remove(id).catch((error: Error) => this.#setup.log(`pool: ${error.message}`));
    this.#scheduleRefill();
  }

  #failed(entry: Entry): void {
    if (this.#closed) return;
    this.#failures += 1;
    const said = [this.#lastFailure, ...entry.nursery.errors.slice(-3)].filter(Boolean);
    const reason = said.length > 0 ? said.join("; ") : "it ended without a word, as when the host is short of memory";
    this.#setup.log(`pool: a sandbox could not be parked: ${reason}`);
    if (this.#failures < failuresBeforeGivingUp) return;
    const problem = new ProblemError("sandbox-unavailable", `sandboxes cannot be made: ${reason}`);
    this.#waiters.reject(problem);
  }

  #nurseryDied(nursery: Nursery): void {
    for (const entry of [...this.#entries.values()]) if (entry.nursery === nursery) this.#gone(entry.id);
    if (this.#closed) return;
    this.#setup.log(`pool: the nursery died, a new one starts in ${this.#pauseMs} ms`);
    const timer = setTimeout(() => void this.#restart(), this.#pauseMs);
    timer.unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  async #restart(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.start();
    } catch (error) {
      this.#setup.log(`pool: ${(error as Error).message}`);
      this.#waiters.reject(error as Error);
      if (this.#nursery !== undefined) this.#nurseryDied(this.#nursery);
    }
  }

  #rest(): void {
    this.#demand.rest();
    while (this.#parked.length > this.#demand.target) {
      const entry = this.#parked.pop();
      if (entry !== undefined) entry.nursery.kill(entry.id);
    }
    this.#refill();
  }
}
