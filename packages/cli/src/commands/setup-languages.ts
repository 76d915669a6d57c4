/**
 * What the bootstrap script asks of languages, which it cannot know by itself: it installs packages, and this names
 * them, prepares what toolchains need ahead of time, and says what is there in the end. Not for people to call.
 */
import type { Writable } from "node:stream";
import { type Language, nearest, ProblemError } from "@glovebox/protocol";
import {
  knownLanguages,
  listLanguages,
  missingPackages,
  resolveLanguage,
  type SandboxOptions,
  warmLanguages,
} from "@glovebox/sandbox";
import { namingSettings, readConfig, sandboxOptions } from "@glovebox/server/config";
import { usageError } from "../output/exit-status.ts";
import { printable } from "../output/printable.ts";
import { reportProblem } from "../output/problem-text.ts";

/**
 * `missing` prints the Debian packages that are needed, one a line. `list` says the version of each language, and
 * `finish` does the same after it has prepared them.
 */
export type SetupStep = "missing" | "finish" | "list";

/** What the steps need of the sandboxes of this host. */
export interface LanguageSetup {
  readonly known: () => readonly string[];
  readonly resolve: (nameOrAlias: string) => string;
  readonly missing: (names: readonly string[], toolchains: readonly string[]) => Promise<readonly string[]>;
  readonly warm: (names: readonly string[], options: SandboxOptions) => Promise<void>;
  readonly list: (toolchains: readonly string[]) => Promise<readonly Language[]>;
}

const ofThisHost: LanguageSetup = {
  known: knownLanguages,
  resolve: resolveLanguage,
  missing: missingPackages,
  warm: warmLanguages,
  list: listLanguages,
};

interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Does one step for the languages named, which may be aliases. */
export async function setupLanguages(
  step: SetupStep,
  words: readonly string[] | "all",
  setup: LanguageSetup = ofThisHost,
  { stdout, stderr }: Streams = process,
): Promise<number> {
  const names = words === "all" ? setup.known() : namesOf(words, setup);
  const config = readConfig(process.env);
  const say = (line: string) => stderr.write(`glovebox: ${printable(line, 2_000)}\n`);
  try {
    if (step === "missing") {
      for (const name of await setup.missing(names, config.toolchains)) stdout.write(`${name}\n`);
      return 0;
    }
    if (step === "finish") {
      await setup.warm(names, { ...sandboxOptions(config), log: say }).catch((error: unknown) => {
        // A host without isolation, for instance. The languages are there all the same.
        reportProblem(namingSettings(error), stderr);
        say("going on; what could not be prepared is made when it is needed first");
      });
    }
    const found = (await setup.list(config.toolchains)).filter(({ name }) => names.includes(name));
    for (const { title, version } of found) say(version === null ? `${title} is missing` : `${title} ${version}`);
    return found.every(({ available }) => available) ? 0 : usageError;
  } catch (error) {
    throw namingSettings(error);
  }
}

/** Names without doubles. Throws one problem for all that are unknown. */
function namesOf(words: readonly string[], { known, resolve }: LanguageSetup): string[] {
  const unknown: string[] = [];
  const names = words.flatMap((word) => {
    try {
      return [resolve(word)];
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "unknown-language") throw error;
      unknown.push(word);
      return [];
    }
  });
  if (unknown.length > 0) {
    const words = unknown.map((word) => `'${word}'`).join(", ");
    const meant = [...new Set(unknown.flatMap((word) => nearest(word, known()) ?? []))];
    const suggestion = meant.length === 0 ? "" : `did you mean ${meant.join(", ")}? `;
    const message = `there is no language ${words}; ${suggestion}the known ones are ${known().join(", ")}`;
    throw new ProblemError("unknown-language", message, { errors: [{ field: "setup", message }] });
  }
  return [...new Set(names)];
}
