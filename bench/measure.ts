import { setTimeout } from "node:timers/promises";

/** Statistics of a list of times or rates. Quantiles are of the sorted sample, without interpolation. */
export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly mean: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { count: sorted.length, median: at(0.5), p95: at(0.95), mean };
}

/** Milliseconds that an action takes. */
async function time(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/**
 * Times two actions in turn, so that what else the machine does falls on both alike. Returns milliseconds of
 * each round after the warm-up. `restMs`: a pause after ours, in which sandboxes are parked anew; without it their making
 * would fall on the peer.
 */
export async function pair(
  rounds: number,
  warmUp: number,
  ours: () => Promise<unknown>,
  peer: () => Promise<unknown>,
  restMs = 0,
): Promise<{ ours: number[]; peer: number[] }> {
  const result = { ours: [] as number[], peer: [] as number[] };
  for (let round = -warmUp; round < rounds; round++) {
    const a = await time(ours);
    if (restMs > 0) await setTimeout(restMs);
    const b = await time(peer);
    if (round < 0) continue;
    result.ours.push(a);
    result.peer.push(b);
  }
  return result;
}

/** Completed actions in a second, with `clients` of them under way at all times. */
export async function throughput(total: number, clients: number, action: () => Promise<unknown>): Promise<number> {
  let left = total;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) await action();
    }),
  );
  return (total * 1000) / (performance.now() - start);
}
