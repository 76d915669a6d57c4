import { basename, extname } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import type { Target } from "../target/target.ts";
import { interpreterOf } from "./shebang.ts";

/**
 * The language to ask for when `--lang` names none: that of the line with #!, else Python. A file with an extension asks
 * for none: the target knows which language goes with it. `beginning`: the first bytes of the program's text. Throws
 * `unknown-language` for an interpreter of no language, rather than to run the program as Python.
 */
export async function languageToAskFor(
  file: string | undefined,
  beginning: string,
  target: Pick<Target, "languageOfInterpreter">,
): Promise<string | undefined> {
  if (file !== undefined && extname(file) !== "") return undefined;
  const interpreter = interpreterOf(beginning);
  if (interpreter === undefined) return "python";
  const { language, known } = await target.languageOfInterpreter(interpreter);
  if (language !== undefined) return language;
  const message = `no language goes with the interpreter ${JSON.stringify(interpreter)} of its line with #!: name one with --lang; known are: ${known.join(", ")}`;
  throw ProblemError.ofFields("unknown-language", [{ field: file === undefined ? "CODE" : "FILE", message }]);
}

/** The problem of an extension that belongs to no language, with the option that mends it. */
export function namingExtension(error: unknown, file = ""): unknown {
  if (!(error instanceof ProblemError) || error.code !== "unknown-language") return error;
  const [first] = error.errors;
  if (first?.field !== "entry") return error;
  const message = `no language goes with the name ${JSON.stringify(basename(file))}: name one with --lang; ${first.message}`;
  return ProblemError.ofFields(error.code, [{ field: first.field, message }], error);
}
