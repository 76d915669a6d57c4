import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { npmPart } from "../languages/npm-part.ts";
import { type Toolchain, toolIdentity } from "../languages/toolchain.ts";
import { versionOf } from "../languages/versions.ts";
import { packageFolder } from "../runners-folder.ts";

/** Changes when what a key stands for changes in another way than by what goes into it, as the form of entries does. */
const keyFormat = 3;

/** Below a language's folder, what sandboxes do not see of it or what is told apart by other means. */
const apart = /(^|\/)(test|testing|__pycache__|node_modules)(\/|$)/;

export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/**
 * The keys of toolchains: the hash of all that a compiler is apart from its sources. Scripts are those of `runners`,
 * which has to be the folder that the sandboxes see and must not change: each language's part of it is read once.
 */
export class ToolchainKeys {
  readonly #runners: string;
  readonly #place: (language: string) => void;
  readonly #scripts = new Map<string, string>();

  /** `place` is called before the scripts of a language are read. */
  constructor(runners: string, place: (language: string) => void = () => {}) {
    this.#runners = runners;
    this.#place = place;
  }

  /** What the state of a compiler is: its version, its programs, its scripts and the flags it is called with. */
  async of(toolchain: Toolchain): Promise<string> {
    const { runtime, tools } = toolchain;
    const identities = Object.entries(tools).map(([name, path]) => [name, toolIdentity(path)]);
    const version = await versionOf(toolchain);
    const scripts = [runtime.name, ...runtime.shares].map((name) => [name, this.#scriptsHash(name)]);
    const packages = runtime.npm.map((entry) => [entry, this.#packageHash(runtime.name, npmPart(entry).name)]);
    return sha256(JSON.stringify([keyFormat, runtime, version, identities, scripts, packages]));
  }

  #scriptsHash(language: string): string {
    let hash = this.#scripts.get(language);
    if (hash === undefined) {
      const root = join(this.#runners, language);
      this.#place(language);
      const files = readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
        .filter((path) => !apart.test(path))
        .sort();
      hash = sha256(JSON.stringify(files.map((path) => [path, sha256(readFileSync(join(root, path)))])));
      this.#scripts.set(language, hash);
    }
    return hash;
  }

  /** Tells the versions of an npm package apart: of the copy beside the scripts, and before there is one of its source. */
  #packageHash(language: string, name: string): string {
    const copy = join(this.#runners, language, "node_modules", name, "package.json");
    const place = existsSync(copy) ? copy : join(packageFolder(name), "package.json");
    return sha256(readFileSync(place));
  }
}
