import type { Runtime } from "@glovebox/protocol";
import { folderIdentity, isCurrent, requireToolchain, type Toolchain } from "./toolchain.ts";

/**
 * The toolchains of this host, remembered once they are found: looking costs up to 0.5 ms, which every request would
 * pay. One that is missing, or of which a part was replaced or is gone, is looked for again by the next request, and so
 * are all when another folder is in the place of one of the operator's. So each `Toolchain` stands for one state, and
 * whoever keeps something for it compares that alone.
 */
export class Toolchains {
  readonly #folders: readonly string[];
  readonly #found = new Map<string, Toolchain>();
  #identities = "";

  /** `folders`: see `findToolchain`. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** Throws `language-unavailable` with the command that installs what is missing. */
  require(runtime: Runtime): Toolchain {
    const identities = this.#folders.map(folderIdentity).join("\n");
    if (identities !== this.#identities) this.#found.clear();
    this.#identities = identities;
    const known = this.#found.get(runtime.name);
    if (known !== undefined && isCurrent(known)) return known;
    this.#found.delete(runtime.name);
    const toolchain = requireToolchain(runtime, this.#folders);
    this.#found.set(runtime.name, toolchain);
    return toolchain;
  }
}
