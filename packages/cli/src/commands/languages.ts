import type { Writable } from "node:stream";
import { type Language, ProblemError } from "@glovebox/protocol";
import { printable } from "../output/printable.ts";
import { namingSettings, openTarget, type TargetFlags } from "../target/open-target.ts";
import type { Target } from "../target/target.ts";

export interface LanguagesFlags extends TargetFlags {
  readonly json?: true;
  readonly packages?: true;
}

type Open = (flags: TargetFlags, variables: NodeJS.ProcessEnv) => Promise<Target>;

/** Prints the languages, each with its version or with the command that installs it, and what programs can load. */
export async function languages(
  names: readonly string[],
  flags: LanguagesFlags,
  open: Open = openTarget,
  stdout: Writable = process.stdout,
): Promise<number> {
  const { json, packages } = flags;
  const query = { ...(names.length === 0 ? {} : { names }), ...(packages === true ? { packages } : {}) };
  try {
    const target = await open(flags, process.env);
    try {
      const found = await target.languages(query);
      const text = packages === true ? packagesText : languagesText;
      stdout.write(json === true ? `${JSON.stringify({ languages: found })}\n` : text(found));
      return 0;
    } finally {
      await target.close();
    }
  } catch (error) {
    throw namingNames(await namingSettings(error, flags));
  }
}

/** An unknown language is one of the names on the command line. */
function namingNames(error: unknown): unknown {
  const isName = error instanceof ProblemError && error.code === "unknown-language";
  return isName ? error.renamed(() => "NAMES") : error;
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
