/** Files that are looked at or read at the same time; the pool of threads behind has four. */
const atOnce = 16;

/** Like `Promise.all` over `work` of each, a few at a time. After a failure none is begun, and none is under way. */
export async function eachOf<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failed) return;
      results[index] = await work(item, index).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, worker);
  for (const end of await Promise.allSettled(workers)) if (end.status === "rejected") throw end.reason;
  return results;
}
