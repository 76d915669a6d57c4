import { setTimeout as sleep } from "node:timers/promises";
import { patience } from "../../packages/sandbox/test/support/patience.ts";

/** Repeats `look` until it gives a value; fails with `what` after `milliseconds`, more on a slow machine. */
export async function eventually<T>(
  what: string,
  milliseconds: number,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + patience(milliseconds);
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${patience(milliseconds)} ms: ${what}`);
    await sleep(20);
  }
}
