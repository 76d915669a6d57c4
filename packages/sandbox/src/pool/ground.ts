import type { Duplex } from "node:stream";
import type { Isolation, Limits } from "@glovebox/protocol";

/*
 * What sandboxes stand on, as a pool sees it: something that makes them and destroys them, by their ids.
 *
 * A ground is started once. From then until it ends or is closed it is alive. Of each id that `park` took it tells
 * `parked` at most once, and one of `gone` and `failed` once, which is the last that is told of it. When a ground ends,
 * all its sandboxes are destroyed with it and `ended` alone says so. After `close` nothing is told any more.
 *
 * `parked`, `gone`, `failed` and `ended` come on their own, never during a call of `park`, `kill` or `limit`.
 */

/** What a ground tells about its sandboxes and itself. */
export interface GroundEvents {
  /** The sandbox is locked down and waits. The connection to its warden is paused; nothing after its greeting was read. */
  parked(id: string, connection: Duplex): void;
  /** Every process of the sandbox is dead. */
  gone(id: string): void;
  /** It could not be made, and nothing of it is left. */
  failed(id: string, message: string): void;
  /** The ground is dead, and with it everything that stood on it. */
  ended(): void;
}

export interface Ground {
  /** What isolates the sandboxes that stand on it. */
  readonly isolation: Isolation;
  /** Whether sandboxes can be parked. */
  readonly alive: boolean;
  /** Its last words: what it and its wardens wrote last, for whoever looks for a reason. */
  readonly errors: readonly string[];
  /** Resolves when it is alive. Rejects with `sandbox-unavailable`; `ended` is not told then. */
  start(events: GroundEvents): Promise<void>;
  /**
   * Makes one more sandbox. With `rehearse` it does more before it is parked and serves its program sooner, at a higher
   * cost in all. False when there is no room for it now; throws when it cannot be made. Nothing is told of the id then.
   */
  park(id: string, how: { readonly rehearse: boolean }): boolean;
  /** Destroys a sandbox whatever its warden is doing. Does nothing when there is none. */
  kill(id: string): void;
  /** Sets the limits of a sandbox that are kept from outside. Does nothing when there is none. */
  limit(id: string, limits: Limits): void;
  /** Destroys the ground and every sandbox on it. Idempotent. */
  close(): Promise<void>;
}
