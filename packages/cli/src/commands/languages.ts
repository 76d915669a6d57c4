import type { Writable } from "node:stream";
import { type Language, type LanguageQuery, ProblemError } from "@glovebox/protocol";
import { createSandboxes, listLanguages } from "@glovebox/sandbox";
import { type Config, namingSettings, readConfig, sandboxOptions } from "@glovebox/server/config";
import { listFlag } from "../arguments/list-flag.ts";
import { printable } from "../output/printable.ts";

export interface LanguagesFlags {
  readonly json?: true;
  readonly packages?: true;
  readonly toolchain: readonly string[];
  readonly waive: readonly string[];
}

type List = (query: LanguageQuery, config: Config) => Promise<readonly Language[]>;

/** Prints the languages, each with its version or with the command that installs it, and what programs can load. */
export async function languages(
  names: readonly string[],
  { json, packages, toolchain, waive }: LanguagesFlags,
  list: List = ofThisHost,
  stdout: Writable = process.stdout,
): Promise<number> {
  const flags = { ...listFlag("toolchains", toolchain), ...listFlag("waive", waive) };
  const config = readConfig(process.env, flags);
  const query = { ...(names.length === 0 ? {} : { names }), ...(packages === true ? { packages } : {}) };
  try {
    const found = await list(query, config);
    const text = packages === true ? packagesText : languagesText;
    stdout.write(json === true ? `${JSON.stringify({ languages: found })}\n` : text(found));
    return 0;
  } catch (error) {
    throw namingNames(namingSettings(error, flags));
  }
}

/** An unknown language is one of the names on the command line. */
function namingNames(error: unknown): unknown {
  if (!(error instanceof ProblemError) || error.code !== "unknown-language") return error;
  return error.renamed(() => "NAMES");
}

/** What programs can load is asked of programs, for which sandboxes are needed. */
async function ofThisHost(query: LanguageQuery, config: Config): Promise<readonly Language[]> {
  if (query.packages !== true) return listLanguages(config.toolchains, query.names);
  await listLanguages(config.toolchains, query.names ?? []); // refuses unknown names before anything is made
  const options = sandboxOptions(config);
  const sandboxes = await createSandboxes({ ...options, preload: [], languages: [], pool: { min: 0, max: 1 } });
  try {
    return await sandboxes.languages(query);
  } finally {
    await sandboxes.close();
  }
}

const header = ["NAME", "VERSION", "EXTENSIONS", "ALIASES", "STATE"];

const stateOf = ({ available, install }: Language) =>
  available || install === null ? "available" : `missing; run: ${install}`;

function languagesText(found: readonly Language[]): string {
  const rows = found.map((language) => [
    language.name,
    language.version === null ? "-" : printable(language.version),
    language.extensions.join(" "),
    language.aliases.join(" "),
    stateOf(language),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** A paragraph for each language, with a line for each thing that its programs can load. */
function packagesText(found: readonly Language[]): string {
  return found
    .map((language) => {
      const { name, version, packages, packagesNote } = language;
      const state = version === null ? stateOf(language) : printable(version);
      const lines = (packages ?? []).map((item) =>
        `  ${printable(item.name)} ${printable(item.version ?? "")}`.trimEnd(),
      );
      const note = packagesNote == null ? [] : [`  (${printable(packagesNote, 2_000)})`];
      return `${[`${name} ${state}`, ...note, ...lines].join("\n")}\n`;
    })
    .join("\n");
}
