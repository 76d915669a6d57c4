/** Releases registered as things are acquired; run last in, first out, each of them even when one fails. */
export class Releases {
  readonly #releases: (() => Promise<void>)[] = [];

  add(release: () => Promise<void>): void {
    this.#releases.push(release);
  }

  /** Runs and forgets all releases. Rejects with the first error after all have run. */
  async run(): Promise<void> {
    let failure: unknown;
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }
}
