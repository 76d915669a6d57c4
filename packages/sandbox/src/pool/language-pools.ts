import { ProblemError } from "@glovebox/protocol";
import type { Toolchain } from "../languages/toolchain.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** A language that nobody asks for has its processes ended after this time. */
const idleMs = 15 * 60_000;
/** So have those of an earlier state of a toolchain, which only requests that came before it still ask for. */
const replacedIdleMs = 60_000;
const lookEveryMs = 60_000;

/** What is needed of a pool. */
interface LanguagePool {
  readonly parked: number;
  readonly waiting: number;
  readonly inUse: boolean;
  close(): Promise<void>;
}

interface Member<Pool> {
  readonly language: string;
  readonly pool: Promise<Pool>;
  /** Another state of the toolchain was asked for later. */
  replaced: boolean;
  /** How many need it who have no sandbox of it yet. */
  users: number;
  lastUse: number;
}

/**
 * The pools of parked sandboxes, one for each language in use, made at the first use. Each stands on a nursery of its
 * own, whose sandboxes see what their language needs and nothing of the others. A pool that was not asked for at the
 * start is closed when nobody has used it for a quarter of an hour: a parked interpreter holds some 50 MB.
 *
 * A pool goes with one state of its toolchain, because its sandboxes go on seeing a folder that was replaced. A request
 * that finds another state has a pool made for that; the earlier one is closed when its runs are over.
 */
export class LanguagePools<Pool extends LanguagePool> {
  readonly #make: (toolchain: Toolchain, signal: AbortSignal) => Promise<Pool>;
  readonly #members = new Map<string, Member<Pool>>(); // by language and state
  readonly #made = new Set<Pool>();
  readonly #kept = new Set<string>();
  readonly #closing = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** `make` resolves with a pool that has been started, and leaves nothing when it fails; `signal` tells it to give up. */
  constructor(make: (toolchain: Toolchain, signal: AbortSignal) => Promise<Pool>) {
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

  /** Makes the pool of a language; the language has one for good then. Rejects as `use` does. */
  async keep(toolchain: Toolchain): Promise<void> {
    this.#kept.add(toolchain.runtime.name);
    await this.use(toolchain, this.#closed.signal, async () => {});
  }

  /**
   * What `work` makes of the pool of a language, which is not closed meanwhile. Rejects with `sandbox-unavailable`, and
   * the next call tries again then, with `closed`, with the reason of `signal` while the pool is being made, and as
   * `work` does.
   */
  async use<T>(toolchain: Toolchain, signal: AbortSignal, work: (pool: Pool) => Promise<T>): Promise<T> {
    this.#closed.signal.throwIfAborted();
    const member = this.#member(toolchain);
    member.users += 1;
    try {
      return await work(await unlessAborted(member.pool, signal));
    } finally {
      member.users -= 1;
      member.lastUse = Date.now();
    }
  }

  #member(toolchain: Toolchain): Member<Pool> {
    const language = toolchain.runtime.name;
    const key = `${language}\n${toolchain.state}`;
    let member = this.#members.get(key);
    if (member === undefined) {
      const pool = this.#make(toolchain, this.#closed.signal);
      member = { language, pool, replaced: false, users: 0, lastUse: 0 };
      this.#members.set(key, member);
      pool.then(
        (made) => this.#made.add(made),
        () => this.#members.delete(key),
      );
    }
    for (const other of this.#members.values()) if (other.language === language) other.replaced = other !== member;
    return member;
  }

  /** Closes what was not used for long before `now` and has nothing running. */
  closeIdle(now: number): void {
    for (const [key, member] of this.#members) {
      const { language, pool, replaced, lastUse } = member;
      if ((this.#kept.has(language) && !replaced) || now - lastUse < (replaced ? replacedIdleMs : idleMs)) continue;
      const closing = pool.then(async (made) => {
        if (made.inUse || member.users > 0 || this.#members.get(key) !== member || member.lastUse !== lastUse) return;
        this.#members.delete(key);
        this.#made.delete(made);
        await made.close();
      });
      this.#closing.add(closing);
      void closing.finally(() => this.#closing.delete(closing)).catch(() => {});
    }
  }

  /** Gives up what is being made and closes the rest. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closed.abort(new ProblemError("closed", "the sandboxes are being closed"));
    await Promise.allSettled(this.#closing);
    await Promise.allSettled([...this.#members.values()].map(async ({ pool }) => (await pool).close()));
  }
}
