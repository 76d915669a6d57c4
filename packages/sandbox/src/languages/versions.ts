import { execFile } from "node:child_process";
import type { Language } from "@glovebox/protocol";
import { fill } from "./command.ts";
import { resolveLanguage, runtimes } from "./registry.ts";
import { checkToolchainFolders, findToolchain, installCommand, type Toolchain } from "./toolchain.ts";

const versionTimeoutMs = 20_000;
const known = new Map<string, Promise<string | null>>();

/**
 * What the toolchain calls its version, asked once for each state of its programs. Null when it does not say, perhaps
 * because the machine is too busy: it is asked again then.
 */
export function versionOf(toolchain: Toolchain): Promise<string | null> {
  const key = `${toolchain.runtime.name}\n${toolchain.state}`;
  let version = known.get(key);
  if (version === undefined) {
    version = ask(toolchain).then((answer) => {
      if (answer === null) known.delete(key);
      return answer;
    });
    known.set(key, version);
  }
  return version;
}

function ask({ runtime, tools }: Toolchain): Promise<string | null> {
  const [program = "", ...args] = fill(runtime.version.command, tools);
  const env = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8", HOME: "/nonexistent" };
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd: "/", timeout: versionTimeoutMs }, (_error, stdout, stderr) => {
      const match = new RegExp(runtime.version.pattern, "m").exec(`${stdout}\n${stderr}`);
      resolve(match?.[1] ?? match?.[0] ?? null);
    });
  });
}

/**
 * Every language, or those named, with its version or the command that installs it. `folders`: see `findToolchain`.
 * Throws `invalid-configuration`, `unknown-language`.
 */
export async function listLanguages(
  folders: readonly string[] = [],
  names?: readonly string[],
): Promise<readonly Language[]> {
  checkToolchainFolders(folders);
  return languagesWith(folders, names);
}

/**
 * The same with folders that were right once: one that is gone since takes its own languages along and no other. `names`,
 * or aliases, choose some of them. Throws `unknown-language`.
 */
export async function languagesWith(
  folders: readonly string[],
  names?: readonly string[],
): Promise<readonly Language[]> {
  const wanted = names && new Set(names.map(resolveLanguage));
  const languages: Language[] = [];
  for (const runtime of runtimes()) {
    if (wanted?.has(runtime.name) === false) continue;
    const { name, title, aliases, extensions } = runtime;
    const found = findToolchain(runtime, folders);
    const version = "missing" in found ? null : await versionOf(found);
    const available = version !== null;
    const install = available ? null : installCommand(runtime);
    languages.push({ name, title, aliases, extensions, version, available, install });
  }
  return languages;
}
