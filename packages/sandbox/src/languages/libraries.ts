import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FinishedExecution, LanguagePackage, Limits, Runtime } from "@glovebox/protocol";
import type { ExecutionSpec } from "../api.ts";
import { runnersFolder } from "../runners-folder.ts";

/**
 * What programs of a language can load. A program of the language lists it in a sandbox like any other: it sees what
 * they see, and what the operator installed runs behind the same walls.
 */
export interface Libraries {
  readonly packages: LanguagePackage[] | null;
  readonly packagesNote: string | null;
}

const limits: Partial<Limits> = { timeoutMs: 30_000, outputBytes: 4 * 1024 * 1024, outputLines: 50_000 };

/** Lists them by `execute`, which runs a program to its end. Rejects as that does, when nothing was started. */
export async function listLibraries(
  { name, mainFile, libraries }: Pick<Runtime, "name" | "mainFile" | "libraries">,
  execute: (spec: ExecutionSpec) => Promise<FinishedExecution>,
): Promise<Libraries> {
  if (libraries === undefined) return { packages: null, packagesNote: null };
  const { program, note } = libraries;
  if (program === undefined) return { packages: [], packagesNote: note };
  const content = await readFile(join(runnersFolder, name, program));
  const { outcome, stdout, stderr } = await execute({
    language: name,
    files: [{ name: mainFile, content }],
    entry: mainFile,
    limits,
  });
  if (outcome.kind === "exited" && outcome.code === 0) return { packages: parse(stdout), packagesNote: note };
  const reason = `${JSON.stringify(outcome)} ${stderr.trim().slice(-500)}`;
  return { packages: null, packagesNote: `They could not be listed: ${reason.trim()}` };
}

function parse(text: string): LanguagePackage[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", version = ""] = line.split("\t");
      return { name, version: version === "" ? null : version };
    });
}
