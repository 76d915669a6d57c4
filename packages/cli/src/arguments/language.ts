import { extname } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import { resolveRuntime } from "@glovebox/sandbox";

/**
 * The language of a file by its extension; of a program that has none, Python. Throws `unknown-language` for an
 * extension of no language, rather than to run the file as Python.
 */
export function languageOf(file: string | undefined): string {
  if (file === undefined || extname(file) === "") return "python";
  try {
    return resolveRuntime(undefined, file).runtime.name;
  } catch (cause) {
    if (!(cause instanceof ProblemError)) throw cause;
    const known = cause.errors.map(({ message }) => message).join("; ");
    const message = `no language goes with the name ${JSON.stringify(file)}: name one with --lang; ${known}`;
    throw new ProblemError(cause.code, `FILE: ${message}`, { errors: [{ field: "FILE", message }], cause });
  }
}
