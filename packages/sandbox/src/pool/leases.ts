import { ProblemError } from "@glovebox/protocol";
import type { Toolchain } from "../languages/toolchain.ts";
import type { AcquiredSandbox, LeasedSandbox, LeaseQuery, Leases, LongLease } from "./lease.ts";
import { patience } from "./patience.ts";
import type { Turn, Turns } from "./turns.ts";

/*
 * Leases of sandboxes: first a pool that has what is asked for, then a turn, then a sandbox of the pool.
 *
 * A pool that is made for the first use of its language takes no turn meanwhile, and none of the time to wait. There are
 * two queues, of those who wait for a turn and, in each pool, of those few who have one and wait for a sandbox: so a
 * pool makes as many sandboxes as can be used at once, whatever the number of those who wait. The time to wait spans
 * both. Whoever fails between them gives its turn back.
 */

type How = Parameters<Leases["lease"]>[1];

/** What is needed of a pool. */
interface SandboxSource {
  acquire(signal: AbortSignal): Promise<AcquiredSandbox>;
}

export interface PoolLeasesSetup<Pool extends SandboxSource> {
  readonly pools: {
    use<T>(toolchain: Toolchain, signal: AbortSignal, work: (pool: Pool) => Promise<T>): Promise<T>;
  };
  /** The pool whose sandboxes have the preloaded libraries, when it serves. */
  readonly preloaded?: () => Pool | undefined;
  readonly turns: Turns;
  /** The time to wait of who asks for none, in milliseconds. */
  readonly waitMs: number;
}

export class PoolLeases<Pool extends SandboxSource> implements Leases {
  readonly #setup: PoolLeasesSetup<Pool>;

  constructor(setup: PoolLeasesSetup<Pool>) {
    this.#setup = setup;
  }

  async lease(query: LeaseQuery, how: How): Promise<LongLease> {
    const since = performance.now();
    return this.#setup.pools.use(query.toolchain, how.signal, (pool) => this.#from(pool, query, how, since));
  }

  async #from(own: Pool, { toolchain, preloaded }: LeaseQuery, how: How, since: number): Promise<LongLease> {
    const wait = this.#patience(how);
    let turn: Turn | undefined;
    try {
      turn = await this.#setup.turns.take(wait.signal, toolchain.runtime.name);
      const pool = (preloaded === true ? this.#setup.preloaded?.() : undefined) ?? own;
      const sandbox = await pool.acquire(wait.signal);
      turn.fetched();
      const queueMs = performance.now() - since;
      return new HeldLease(sandbox, queueMs, turn, (again) => this.#turnAgain(again));
    } catch (error) {
      turn?.give();
      throw error;
    } finally {
      wait.over();
    }
  }

  async #turnAgain(how: How): Promise<Turn> {
    const wait = this.#patience(how);
    try {
      return await this.#setup.turns.take(wait.signal);
    } finally {
      wait.over();
    }
  }

  #patience({ signal, waitMs }: How) {
    return patience(signal, waitMs ?? this.#setup.waitMs, () => {
      const time = waitMs === undefined ? `${this.#setup.waitMs} ms (leaseTimeoutMs)` : `${waitMs} ms`;
      return new ProblemError("sandbox-busy", `no sandbox became free within ${time}`);
    });
  }
}

class HeldLease implements LongLease {
  readonly sandbox: LeasedSandbox;
  readonly isolation: LongLease["isolation"];
  readonly queueMs: number;
  readonly #takeTurn: (how: How) => Promise<Turn>;
  #turn: Turn | undefined;
  #resuming: AbortController | undefined;
  #released = false;

  constructor(sandbox: AcquiredSandbox, queueMs: number, turn: Turn, takeTurn: (how: How) => Promise<Turn>) {
    this.sandbox = sandbox;
    this.isolation = sandbox.isolation;
    this.queueMs = queueMs;
    this.#turn = turn;
    this.#takeTurn = takeTurn;
  }

  rest(): void {
    this.#turn?.give();
    this.#turn = undefined;
  }

  async resume(how: How): Promise<void> {
    if (this.#released) throw released();
    if (this.#turn !== undefined) return;
    this.#resuming ??= new AbortController();
    const turn = await this.#takeTurn({ ...how, signal: AbortSignal.any([how.signal, this.#resuming.signal]) });
    if (this.#released || this.#turn !== undefined) turn.give();
    else this.#turn = turn;
    if (this.#released) throw released();
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    const { connection } = this.sandbox;
    try {
      // One that has ended closed its connection; whoever gives up another must not leave it running.
      if (!connection.destroyed) this.sandbox.kill();
      connection.destroy();
    } finally {
      this.rest();
      this.#resuming?.abort(released());
    }
  }
}

function released(): Error {
  return new Error("the lease was released");
}
