import { extname } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import { knownLanguages, languageOfInterpreter, resolveRuntime } from "@glovebox/sandbox";
import { interpreterOf } from "./shebang.ts";

/**
 * The language of a program: by the extension of its file, else by its line with #!, else Python. `beginning`: the first
 * bytes of its text. Throws `unknown-language` for an extension or an interpreter of no language, rather than to run the
 * program as Python.
 */
export function languageOf(file: string | undefined, beginning: string): string {
  if (file === undefined || extname(file) === "")
    return languageOfText(beginning, file === undefined ? "CODE" : "FILE");
  try {
    return resolveRuntime(undefined, file).runtime.name;
  } catch (cause) {
    if (!(cause instanceof ProblemError)) throw cause;
    const known = cause.errors.map(({ message }) => message).join("; ");
    const message = `no language goes with the name ${JSON.stringify(file)}: name one with --lang; ${known}`;
    throw new ProblemError(cause.code, `FILE: ${message}`, { errors: [{ field: "FILE", message }], cause });
  }
}

function languageOfText(beginning: string, field: "CODE" | "FILE"): string {
  const interpreter = interpreterOf(beginning);
  if (interpreter === undefined) return "python";
  const language = languageOfInterpreter(interpreter);
  if (language !== undefined) return language;
  const known = knownLanguages().join(", ");
  const message = `no language goes with the interpreter ${JSON.stringify(interpreter)} of its line with #!: name one with --lang; known are: ${known}`;
  throw new ProblemError("unknown-language", `${field}: ${message}`, { errors: [{ field, message }] });
}
