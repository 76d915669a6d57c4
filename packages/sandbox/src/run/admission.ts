import { ProblemError } from "@glovebox/protocol";
import type { ParkedSandbox } from "../pool/parked-sandbox.ts";
import type { Pool } from "../pool/pool.ts";
import { Turnstile } from "./turnstile.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** Hands out sandboxes, to so many runs at the same time; others wait, for so long at most. */
export class Admission {
  readonly #turnstile: Turnstile;
  readonly #timeoutMs: number;

  constructor(setup: { readonly places: number; readonly timeoutMs: number }) {
    this.#turnstile = new Turnstile(setup.places);
    this.#timeoutMs = setup.timeoutMs;
  }

  get waiting(): number {
    return this.#turnstile.waiting;
  }

  /**
   * A sandbox of the pool, with a place that `leave` gives back. A pool that is made for the first use of its language takes
   * no place meanwhile, and none of the time to wait. Rejects with `sandbox-busy` after that time, with the reason of
   * `signal`, and as the pool does.
   */
  async enter(pool: () => Promise<Pool>, signal: AbortSignal): Promise<ParkedSandbox> {
    await unlessAborted(pool(), signal);
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    try {
      await this.#turnstile.enter(either);
      try {
        return await (await pool()).acquire(either);
      } catch (error) {
        this.leave();
        throw error;
      }
    } catch (error) {
      if (!timeout.aborted || signal.aborted) throw error;
      const message = `no sandbox became free within ${this.#timeoutMs} ms (leaseTimeoutMs)`;
      throw new ProblemError("sandbox-busy", message, { cause: error });
    }
  }

  /** Gives the place of one sandbox back. */
  leave(): void {
    this.#turnstile.leave();
  }
}
