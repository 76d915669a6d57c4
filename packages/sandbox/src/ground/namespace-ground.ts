import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Isolation, Limits } from "@glovebox/protocol";
import type { Cgroups } from "../host/cgroups/index.ts";
import type { IdentityPlan } from "../host/identities.ts";
import type { Nursery, NurseryEvents } from "../nursery/nursery.ts";
import type { Reception } from "../nursery/reception.ts";
import type { Ground, GroundEvents } from "../pool/ground.ts";
import type { UidSlots } from "./uid-slots.ts";

/*
 * Sandboxes out of namespaces: a nursery forks them, each has a cgroup and a user id of its own, and their wardens
 * report themselves at the reception.
 *
 * A sandbox is in `#standing` from `park` until the nursery says that it is gone, or the nursery is dead. `#remove` is
 * the one end of each: it takes what the sandbox held back. A warden that does not report itself in time is killed, and
 * what the nursery says then is told as a failure.
 */

const parkTimeoutMs = 30_000;

/** What is needed of a nursery. */
type Parking = EventEmitter<NurseryEvents> & Pick<Nursery, "alive" | "errors" | "start" | "park" | "kill" | "stop">;

/** What all grounds of an instance share. */
export interface NamespaceSetup {
  readonly isolation: Isolation;
  readonly identities: IdentityPlan;
  readonly cgroups: Cgroups;
  readonly reception: Pick<Reception, "expect" | "forget">;
  /** No two sandboxes of an instance have the same user id. */
  readonly uids: UidSlots;
  readonly log: (line: string) => void;
}

interface Standing {
  readonly uid: number;
  readonly timer: NodeJS.Timeout;
  /** Why it was killed before it was parked. */
  failure: string | undefined;
}

export class NamespaceGround implements Ground {
  readonly isolation: Isolation;
  readonly #setup: NamespaceSetup;
  readonly #nursery: Parking;
  /** The limits of a sandbox while it is being parked; a lease sets its own. */
  readonly #parkLimits: Limits;
  readonly #standing = new Map<string, Standing>();
  #events: GroundEvents | undefined;
  #closed = false;

  constructor(setup: NamespaceSetup, nursery: Parking, parkLimits: Limits) {
    this.isolation = setup.isolation;
    this.#setup = setup;
    this.#nursery = nursery;
    this.#parkLimits = parkLimits;
  }

  get alive(): boolean {
    return !this.#closed && this.#nursery.alive; // a nursery that has been stopped takes a moment to say so
  }

  get errors(): readonly string[] {
    return this.#nursery.errors;
  }

  async start(events: GroundEvents): Promise<void> {
    this.#events = events;
    this.#nursery.on("gone", (id) => this.#gone(id));
    this.#nursery.on("failed", (id, message) => this.#gone(id, message));
    this.#nursery.on("exit", () => {
      this.#removeAll();
      this.#events?.ended();
    });
    await this.#nursery.start();
  }

  park(id: string, { rehearse }: { readonly rehearse: boolean }): boolean {
    const { uids, cgroups, identities, reception } = this.#setup;
    if (!this.alive) return false;
    const uid = uids.take();
    if (uid === undefined) return false;
    let folders: Record<string, string>;
    try {
      folders = cgroups.create(id, this.#parkLimits, identities);
    } catch (cause) {
      uids.give(uid);
      this.#removeCgroup(id); // one controller of several may have been the one that refused
      throw new Error(`its cgroup cannot be made: ${(cause as Error).message}`, { cause });
    }
    const timer = setTimeout(() => this.#late(id), parkTimeoutMs);
    this.#standing.set(id, { uid, timer, failure: undefined });
    reception.expect(id, (connection) => this.#arrived(id, connection));
    this.#nursery.park(id, uid, folders, rehearse);
    return true;
  }

  kill(id: string): void {
    if (this.#standing.has(id)) this.#nursery.kill(id);
  }

  limit(id: string, limits: Limits): void {
    if (this.#standing.has(id)) this.#setup.cgroups.limit(id, limits);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#events = undefined;
    await this.#nursery.stop();
    this.#removeAll();
  }

  #late(id: string): void {
    const one = this.#standing.get(id);
    if (one === undefined) return;
    one.failure = "a sandbox did not report itself in time";
    this.#setup.reception.forget(id);
    this.#nursery.kill(id);
  }

  #arrived(id: string, connection: Socket): void {
    clearTimeout(this.#standing.get(id)?.timer);
    if (this.#events === undefined) connection.destroy();
    else this.#events.parked(id, connection);
  }

  #gone(id: string, message?: string): void {
    const one = this.#standing.get(id);
    if (one === undefined) return;
    this.#remove(id, one);
    const failure = message ?? one.failure;
    if (failure === undefined) this.#events?.gone(id);
    else this.#events?.failed(id, failure);
  }

  #remove(id: string, one: Standing): void {
    this.#standing.delete(id);
    clearTimeout(one.timer);
    this.#setup.reception.forget(id);
    this.#setup.uids.give(one.uid);
    this.#removeCgroup(id);
  }

  #removeAll(): void {
    for (const [id, one] of this.#standing) this.#remove(id, one);
  }

  #removeCgroup(id: string): void {
    const { cgroups, log } = this.#setup;
    cgroups.remove(id).catch((error: Error) => log(`cgroups: ${error.message}`));
  }
}
