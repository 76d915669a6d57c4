import type { Toolchain } from "./toolchain.ts";

/** A language that nobody asks for has its processes ended after this time. */
const idleMs = 15 * 60_000;
const lookEveryMs = 60_000;

/** What is needed of a pool. */
interface LanguagePool {
  readonly parked: number;
  readonly waiting: number;
  readonly inUse: boolean;
  close(): Promise<void>;
}

interface Member<Pool> {
  readonly pool: Promise<Pool>;
  readonly kept: boolean;
  lastUse: number;
}

/**
 * The pools of parked sandboxes, one for each language in use, made at the first use. Each stands on a nursery of its
 * own, whose sandboxes see what their language needs and nothing of the others. A pool that was not asked for at the
 * start is closed when nobody has used it for a quarter of an hour: a parked interpreter holds some 50 MB.
 */
export class LanguagePools<Pool extends LanguagePool> {
  readonly #make: (toolchain: Toolchain) => Promise<Pool>;
  readonly #members = new Map<string, Member<Pool>>();
  readonly #made = new Set<Pool>();
  readonly #closing = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  /** `make` resolves with a pool that has been started. */
  constructor(make: (toolchain: Toolchain) => Promise<Pool>) {
    this.#make = make;
    this.#timer = setInterval(() => this.closeIdle(Date.now()), lookEveryMs);
    this.#timer.unref();
  }

  get parked(): number {
    return [...this.#made].reduce((sum, pool) => sum + pool.parked, 0);
  }

  get waiting(): number {
    return [...this.#made].reduce((sum, pool) => sum + pool.waiting, 0);
  }

  /** The pool of a language, made if need be and kept for good. Rejects with `sandbox-unavailable`. */
  keep(toolchain: Toolchain): Promise<Pool> {
    return this.#of(toolchain, true);
  }

  /** The pool of a language. Rejects with `sandbox-unavailable`; the next call tries again then. */
  of(toolchain: Toolchain): Promise<Pool> {
    return this.#of(toolchain, false);
  }

  #of(toolchain: Toolchain, kept: boolean): Promise<Pool> {
    const { name } = toolchain.runtime;
    let member = this.#members.get(name);
    if (member === undefined) {
      const pool = this.#make(toolchain);
      member = { pool, kept, lastUse: Date.now() };
      this.#members.set(name, member);
      pool.then(
        (made) => this.#made.add(made),
        () => this.#members.delete(name),
      );
    }
    member.lastUse = Date.now();
    return member.pool;
  }

  /** Closes what was not used for long before `now` and has nothing running. */
  closeIdle(now: number): void {
    for (const [name, { pool, kept, lastUse }] of this.#members) {
      if (kept || now - lastUse < idleMs) continue;
      const closing = pool.then(async (made) => {
        if (made.inUse || this.#members.get(name)?.lastUse !== lastUse) return;
        this.#members.delete(name);
        this.#made.delete(made);
        await made.close();
      });
      this.#closing.add(closing);
      void closing.finally(() => this.#closing.delete(closing)).catch(() => {});
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(this.#closing);
    await Promise.allSettled([...this.#members.values()].map(async ({ pool }) => (await pool).close()));
  }
}
