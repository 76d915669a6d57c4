import type { Duplex } from "node:stream";
import type { Isolation, Limits } from "@glovebox/protocol";
import type { Ground, GroundEvents } from "./ground.ts";

/*
 * A ground that comes back: where one ends, or cannot be started again, the next one is started after a pause. The pause
 * grows while no sandbox is parked on any of them. The first start is the caller's, and so is its failure.
 *
 * There is one ground at a time, and what is asked about a sandbox of an earlier one is asked in vain: it is dead.
 */

interface LastingGroundEvents extends Omit<GroundEvents, "parked"> {
  parked(id: string, connection: Duplex, isolation: Isolation): void;
  /** Sandboxes can be parked. */
  started(): void;
  /** Another one could not be started. It is tried again. */
  unavailable(error: Error): void;
}

const firstPauseMs = 100;
const longestPauseMs = 5_000;

export class LastingGround {
  readonly #make: () => Ground;
  readonly #events: LastingGroundEvents;
  readonly #log: (line: string) => void;
  #current: Ground | undefined;
  #pauseMs = firstPauseMs;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(make: () => Ground, events: LastingGroundEvents, log: (line: string) => void) {
    this.#make = make;
    this.#events = events;
    this.#log = log;
  }

  get alive(): boolean {
    return this.#current?.alive === true;
  }

  get errors(): readonly string[] {
    return this.#current?.errors ?? [];
  }

  /** Rejects with `sandbox-unavailable`; nothing is tried again then. */
  async start(): Promise<void> {
    const ground = this.#make();
    this.#current = ground;
    await ground.start({
      parked: (id, connection) => {
        this.#pauseMs = firstPauseMs;
        this.#events.parked(id, connection, ground.isolation);
      },
      gone: (id) => this.#events.gone(id),
      failed: (id, message) => this.#events.failed(id, message),
      ended: () => {
        this.#events.ended();
        this.#startLater();
      },
    });
    this.#events.started();
  }

  /** Starts it without waiting for it, again and again while that fails. */
  async startInBackground(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.start();
    } catch (error) {
      if (this.#closed) return;
      this.#log(`pool: ${(error as Error).message}`);
      this.#events.unavailable(error as Error);
      this.#startLater();
    }
  }

  park(id: string, how: { readonly rehearse: boolean }): boolean {
    return this.#current?.park(id, how) === true;
  }

  kill(id: string): void {
    this.#current?.kill(id);
  }

  limit(id: string, limits: Limits): void {
    this.#current?.limit(id, limits);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#current?.close();
  }

  #startLater(): void {
    if (this.#closed) return;
    this.#log(`pool: the ground of its sandboxes is gone, a new one starts in ${this.#pauseMs} ms`);
    this.#timer = setTimeout(() => void this.startInBackground(), this.#pauseMs);
    this.#timer.unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}
