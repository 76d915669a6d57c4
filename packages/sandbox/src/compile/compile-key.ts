import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import type { ExecutionSpec, SpecFile } from "../api.ts";
import { type Toolchain, toolIdentity } from "../languages/toolchain.ts";
import { versionOf } from "../languages/versions.ts";
import { runnersFolder } from "../runners-folder.ts";

/** Changes when what a key stands for changes in another way than by what goes into it. */
const keyFormat = 1;

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

const folderHashes = new Map<string, string>();

/** The hash of a language's own folder: its scripts and its manifest, and so the flags. */
function folderHash(language: string): string {
  let hash = folderHashes.get(language);
  if (hash === undefined) {
    const root = join(runnersFolder, language);
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/(^|\/)(test|__pycache__)(\/|$)/.test(entry.parentPath.slice(root.length)))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    hash = sha256(JSON.stringify(files.map((file) => [file.slice(root.length), sha256(readFileSync(file))])));
    folderHashes.set(language, hash);
  }
  return hash;
}

/** Tells the versions of an npm package apart. */
function packageHash(name: string): string {
  return sha256(readFileSync(createRequire(import.meta.url).resolve(`${name}/package.json`)));
}

/** What the state of a compiler is: its version, its programs and the flags it is called with. */
export async function toolchainKey(toolchain: Toolchain): Promise<string> {
  const { runtime, tools } = toolchain;
  const identities = Object.entries(tools).map(([name, path]) => [name, toolIdentity(path)]);
  const version = await versionOf(toolchain);
  const scripts = [runtime.name, ...runtime.shares].map((name) => [name, folderHash(name)]);
  const packages = runtime.npm.map((name) => [name, packageHash(name)]);
  return sha256(JSON.stringify([keyFormat, runtime.name, version, identities, scripts, packages]));
}

/** A source file with its content. */
export interface Source {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/**
 * The files that a compiler is given: the entry and those with the extensions of sources; all files, when one of these
 * has a match for `embeds`. They are read once, because what is hashed must be what is compiled. Throws
 * `unreadable-file`.
 */
export async function readSources(
  spec: ExecutionSpec,
  extensions: readonly string[],
  embeds?: string,
): Promise<Source[]> {
  const files = spec.files ?? [];
  const contents = new Map<SpecFile, string | Uint8Array>();
  for (const file of files) {
    const isSource = file.name === spec.entry || extensions.some((extension) => file.name.endsWith(extension));
    if (isSource) contents.set(file, await contentOf(file));
  }
  const pattern = embeds === undefined ? undefined : new RegExp(embeds, "m");
  if (
    pattern !== undefined &&
    [...contents.values()].some((content) => pattern.test(Buffer.from(content).toString()))
  ) {
    for (const file of files) if (!contents.has(file)) contents.set(file, await contentOf(file));
  }
  return files.flatMap((file) => {
    const content = contents.get(file);
    return content === undefined ? [] : [{ name: file.name, content }];
  });
}

/** The key of a program's product: the hash of everything that the compiler will see. */
export async function compileKey(toolchain: Toolchain, entry: string, sources: readonly Source[]): Promise<string> {
  const hashes = sources.map(({ name, content }): [string, string] => [name, sha256(content)]);
  hashes.sort(([one], [other]) => (one < other ? -1 : 1));
  return sha256(JSON.stringify([await toolchainKey(toolchain), entry, hashes]));
}

async function contentOf(file: SpecFile): Promise<string | Uint8Array> {
  if ("content" in file) return file.content;
  try {
    return await readFile(file.path);
  } catch (cause) {
    const message = `${file.path} cannot be read: check its path and permissions`;
    throw new ProblemError("unreadable-file", message, { errors: [{ field: "files", message }], cause });
  }
}
