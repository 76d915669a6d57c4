import type { Writable } from "node:stream";
import type { Language } from "@glovebox/protocol";
import { listLanguages } from "@glovebox/sandbox";
import { namingSettings, readConfig } from "@glovebox/server/config";
import { listFlag } from "../arguments/list-flag.ts";
import { printable } from "../output/printable.ts";

export interface LanguagesFlags {
  readonly json?: true;
  readonly toolchain: readonly string[];
}

/** Prints the languages, each with its version or with the command that installs it. */
export async function languages(
  { json, toolchain }: LanguagesFlags,
  list: (toolchains: readonly string[]) => Promise<readonly Language[]> = listLanguages,
  stdout: Writable = process.stdout,
): Promise<number> {
  const flags = listFlag("toolchains", toolchain);
  const config = readConfig(process.env, flags);
  try {
    const found = await list(config.toolchains);
    stdout.write(json === true ? `${JSON.stringify({ languages: found })}\n` : languagesText(found));
    return 0;
  } catch (error) {
    throw namingSettings(error, flags);
  }
}

const header = ["NAME", "VERSION", "EXTENSIONS", "ALIASES", "STATE"];

function languagesText(found: readonly Language[]): string {
  const rows = found.map(({ name, version, extensions, aliases, available, install }) => [
    name,
    version === null ? "-" : printable(version),
    extensions.join(" "),
    aliases.join(" "),
    available || install === null ? "available" : `missing; run: ${install}`,
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
