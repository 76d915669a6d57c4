import type { Duplex } from "node:stream";
import type { Isolation, Limits } from "@glovebox/protocol";
import type { Toolchain } from "../languages/toolchain.ts";

/** A sandbox that belongs to one lease. */
export interface LeasedSandbox {
  readonly id: string;
  /** The connection to its warden, paused; nothing has been read from it since it reported itself. */
  readonly connection: Duplex;
  /** Sets the limits that its cgroup enforces. */
  limit(limits: Limits): void;
  /** Destroys it whatever its warden is doing. */
  kill(): void;
}

/** A sandbox as its pool gives it, for whoever makes a lease of it. */
export interface AcquiredSandbox extends LeasedSandbox {
  readonly isolation: Isolation;
}

/** The right to use one sandbox, and to compute in it. */
export interface Lease {
  readonly sandbox: LeasedSandbox;
  readonly isolation: Isolation;
  /** How long the holder waited for it, in milliseconds. */
  readonly queueMs: number;
  /** Gives everything back that the lease holds, and destroys the sandbox where that has not ended yet. Idempotent. */
  release(): void;
}

/** A lease that may be held while nothing computes in it: it rests then, and its turn is free for others. */
export interface LongLease extends Lease {
  /** Gives the turn back and keeps the sandbox, in which nothing is to compute until `resume`. Idempotent. */
  rest(): void;
  /** Resolves with a turn again, at once where it was not given back. Rejects as `lease` does, and when it is released. */
  resume(how: { readonly signal: AbortSignal; readonly waitMs?: number }): Promise<void>;
}

/** Which sandbox is wanted. */
export interface LeaseQuery {
  readonly toolchain: Toolchain;
  /** One with the preloaded libraries, where there are such. */
  readonly preloaded?: boolean;
}

/** The pools as those see them who need a sandbox. */
export interface Leases {
  /**
   * A lease, as soon as it is this one's turn and a sandbox is parked. Rejects with `sandbox-busy` after `waitMs`
   * (default: that of the host), with the reason of `signal`, and with `sandbox-unavailable` or `closed`.
   */
  lease(query: LeaseQuery, how: { readonly signal: AbortSignal; readonly waitMs?: number }): Promise<LongLease>;
}
