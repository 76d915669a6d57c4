import { readFileSync } from "node:fs";

/** What /proc counts in on every Linux (USER_HZ). */
const ticksPerSecond = 100;

/**
 * CPU time of this thread in milliseconds, in steps of 10. Unlike the clock it stands still while other processes have
 * the processors, so that it tells on a busy machine too how long the host itself was at work.
 */
export function threadTime(): number {
  const stat = readFileSync("/proc/thread-self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Watches for how long this thread works without a pause in which others get their turn. */
export class LongestTurn {
  #since = threadTime();
  #longest = 0;
  readonly #timer = setInterval(() => this.#look(), 10).unref();

  #look(): void {
    const now = threadTime();
    this.#longest = Math.max(this.#longest, now - this.#since);
    this.#since = now;
  }

  /** Ends the watch: the longest turn in milliseconds. */
  end(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#longest;
  }
}
