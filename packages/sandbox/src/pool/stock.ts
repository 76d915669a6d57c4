import type { AcquiredSandbox } from "./lease.ts";

/** The parked sandboxes of a pool, longest first. One that loses its connection is none from then on, and is killed. */
export class Stock {
  readonly #parked = new Map<string, { readonly sandbox: AcquiredSandbox; readonly unwatch: () => void }>();

  get size(): number {
    return this.#parked.size;
  }

  add(sandbox: AcquiredSandbox): void {
    const { id, connection } = sandbox;
    const lost = () => {
      this.#parked.delete(id); // nobody is to be given it until its ground says that it is gone
      sandbox.kill();
    };
    connection.on("close", lost);
    this.#parked.set(id, { sandbox, unwatch: () => connection.off("close", lost) });
  }

  /** Takes the one that has been parked for the longest time. */
  take(): AcquiredSandbox | undefined {
    const [first] = this.#parked.keys();
    return first === undefined ? undefined : this.#remove(first);
  }

  /** Takes one that is dead out of the stock. */
  drop(id: string): void {
    this.#remove(id)?.connection.destroy();
  }

  /** Kills those that are more than `target`, the last that came first. */
  shrink(target: number): void {
    if (this.#parked.size <= target) return;
    for (const id of [...this.#parked.keys()].slice(target)) {
      const sandbox = this.#remove(id);
      sandbox?.connection.destroy();
      sandbox?.kill();
    }
  }

  #remove(id: string): AcquiredSandbox | undefined {
    const parked = this.#parked.get(id);
    this.#parked.delete(id);
    parked?.unwatch();
    return parked?.sandbox;
  }
}
