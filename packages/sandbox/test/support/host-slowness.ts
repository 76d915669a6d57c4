/** Time limits of the tests, stretched on machines slower than a developer's. */
const slowness = Number(process.env.GLOVEBOX_TEST_SLOWNESS ?? "1");

/** Milliseconds of a limit or of patience, stretched for this machine. */
export function stretched(milliseconds: number): number {
  return Math.ceil(milliseconds * slowness);
}

/** Repeats `look` until it gives a value, and fails with `what` after `patienceMs` (stretched). */
export async function eventually<T>(what: string, look: () => T | undefined, patienceMs = 10_000): Promise<T> {
  const end = performance.now() + stretched(patienceMs);
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${stretched(patienceMs)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
