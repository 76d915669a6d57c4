import { ProblemError } from "@glovebox/protocol";
import type { ParkedSandbox } from "./parked-sandbox.ts";
import type { Pool } from "./pool.ts";
import { Turnstile } from "./turnstile.ts";
import { unlessAborted } from "./unless-aborted.ts";

/**
 * Hands out sandboxes, to so many runs at the same time; others wait, for so long at most. Of the places one language
 * may have half while its sandboxes are being made: many runs of one that is slow to start keep no other from going on.
 */
export class Admission {
  readonly #turnstile: Turnstile;
  readonly #ofLanguage = new Map<string, Turnstile>();
  readonly #half: number;
  readonly #timeoutMs: number;

  constructor(setup: { readonly places: number; readonly timeoutMs: number }) {
    this.#turnstile = new Turnstile(setup.places);
    this.#half = Math.ceil(setup.places / 2);
    this.#timeoutMs = setup.timeoutMs;
  }

  get waiting(): number {
    return [...this.#ofLanguage.values()].reduce((sum, { waiting }) => sum + waiting, this.#turnstile.waiting);
  }

  /**
   * A sandbox of the pool, with a place that `leave` gives back. A pool that is made for the first use of its language takes
   * no place meanwhile, and none of the time to wait. Rejects with `sandbox-busy` after that time, with the reason of
   * `signal`, and as the pool does.
   */
  async enter(language: string, pool: () => Promise<Pool>, signal: AbortSignal): Promise<ParkedSandbox> {
    await unlessAborted(pool(), signal);
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    const own = this.#own(language);
    try {
      await own.enter(either);
      try {
        return await this.#take(pool, either);
      } finally {
        own.leave();
      }
    } catch (error) {
      if (!timeout.aborted || signal.aborted) throw error;
      const message = `no sandbox became free within ${this.#timeoutMs} ms (leaseTimeoutMs)`;
      throw new ProblemError("sandbox-busy", message, { cause: error });
    }
  }

  #own(language: string): Turnstile {
    let own = this.#ofLanguage.get(language);
    if (own === undefined) {
      own = new Turnstile(this.#half);
      this.#ofLanguage.set(language, own);
    }
    return own;
  }

  async #take(pool: () => Promise<Pool>, signal: AbortSignal): Promise<ParkedSandbox> {
    await this.#turnstile.enter(signal);
    try {
      return await (await pool()).acquire(signal);
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** Gives the place of one sandbox back. */
  leave(): void {
    this.#turnstile.leave();
  }
}
