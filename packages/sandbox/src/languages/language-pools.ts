import type { Pool } from "../pool/pool.ts";
import type { Toolchain } from "./toolchain.ts";

/**
 * The pools of parked sandboxes, one for each language in use, made at the first use. Each stands on a nursery of its
 * own, whose sandboxes see what their language needs and nothing of the others.
 */
export class LanguagePools {
  readonly #make: (toolchain: Toolchain) => Promise<Pool>;
  readonly #pools = new Map<string, Promise<Pool>>();
  readonly #made = new Set<Pool>();

  /** `make` resolves with a pool that has been started. */
  constructor(make: (toolchain: Toolchain) => Promise<Pool>) {
    this.#make = make;
  }

  get parked(): number {
    return [...this.#made].reduce((sum, pool) => sum + pool.parked, 0);
  }

  get waiting(): number {
    return [...this.#made].reduce((sum, pool) => sum + pool.waiting, 0);
  }

  /** The pool of a language. Rejects with `sandbox-unavailable`; the next call tries again then. */
  of(toolchain: Toolchain): Promise<Pool> {
    const { name } = toolchain.runtime;
    let pool = this.#pools.get(name);
    if (pool === undefined) {
      pool = this.#make(toolchain);
      this.#pools.set(name, pool);
      pool.then(
        (made) => this.#made.add(made),
        () => this.#pools.delete(name),
      );
    }
    return pool;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#pools.values()].map(async (pool) => (await pool).close()));
  }
}
