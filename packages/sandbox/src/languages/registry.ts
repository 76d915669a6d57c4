import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ProblemError, type Runtime, runtimeSchema } from "@glovebox/protocol";
import { runnersFolder } from "../runners-folder.ts";

let cached: readonly Runtime[] | undefined;

/** The languages, read once from their manifests. */
export function runtimes(): readonly Runtime[] {
  if (cached === undefined) {
    const found: Runtime[] = [];
    for (const entry of readdirSync(runnersFolder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      let text: string;
      try {
        text = readFileSync(join(runnersFolder, entry.name, "runtime.json"), "utf8");
      } catch {
        continue; // the nursery and the warden are no languages
      }
      found.push(runtimeSchema.parse(JSON.parse(text)));
    }
    cached = found;
  }
  return cached;
}

/**
 * Finds a language by its name or one of its aliases. Without a name it goes by the extension of `entry`,
 * and failing that is Python. Throws `unknown-language` with the known names.
 */
export function resolveRuntime(
  language: string | undefined,
  entry: string | undefined,
): { runtime: Runtime; warning?: string } {
  const all = runtimes();
  const known = all.map((runtime) => runtime.name).join(", ");
  if (language === undefined) {
    const extension = entry === undefined ? ".py" : /\.[^./]+$/.exec(entry)?.[0];
    const runtime = all.find((candidate) => extension !== undefined && candidate.extensions.includes(extension));
    if (runtime !== undefined) return { runtime };
    const detail = `entry: no language goes with the file name '${entry}'; set 'language' to one of: ${known}`;
    throw new ProblemError("unknown-language", detail, {
      errors: [{ field: "entry", message: `known languages: ${known}` }],
    });
  }
  const wanted = language.trim().toLowerCase();
  const runtime = all.find((candidate) => candidate.name === wanted || candidate.aliases.includes(wanted));
  if (runtime === undefined) {
    throw new ProblemError("unknown-language", `language: '${language}' is not known; known are: ${known}`, {
      errors: [{ field: "language", message: `use one of: ${known}` }],
    });
  }
  if (language === runtime.name) return { runtime };
  return { runtime, warning: `language: '${language}' was read as '${runtime.name}'` };
}
