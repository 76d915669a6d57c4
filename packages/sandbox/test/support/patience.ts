/** Factor for times in tests, for machines slower than a developer's. */
const slowness = Number(process.env.GLOVEBOX_TEST_SLOWNESS ?? "1");

/** A time in milliseconds that a slow machine gets more of. */
export function patience(milliseconds: number): number {
  return Math.round(milliseconds * slowness);
}
