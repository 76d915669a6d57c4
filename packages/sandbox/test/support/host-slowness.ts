import { setTimeout as sleep } from "node:timers/promises";

/** Factor for times in tests, for machines slower than a developer's. */
const slowness = Number(process.env.GLOVEBOX_TEST_SLOWNESS ?? "1");

/** Milliseconds of a limit or of patience, stretched for this machine. */
export function stretched(milliseconds: number): number {
  return Math.ceil(milliseconds * slowness);
}

/** How patient `expect.poll` is, which by itself gives up after one second. */
export const patience = { timeout: stretched(10_000) } as const;

/** Repeats `look` until it gives a value, and fails with `what` after `withinMs` (stretched). */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  withinMs = 10_000,
): Promise<T> {
  const end = performance.now() + stretched(withinMs);
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${stretched(withinMs)} ms: ${what}`);
    await sleep(10);
  }
}
