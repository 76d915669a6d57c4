import { ProblemError } from "@glovebox/protocol";
import { limitOption } from "./limit-options.ts";

const optionOfField: Readonly<Record<string, string>> = {
  language: "--lang",
  code: "CODE",
  entry: "FILE",
  files: "--file",
  stdin: "--stdin",
  args: "ARGS",
  env: "--env",
  parameters: "--param",
  data: "--data",
  returnVariables: "--return",
  compilerOptions: "--compiler-option",
  sampleIntervalMs: "--sample-interval",
};

/** The option that a field of the request comes from: `--timeout` for `limits.timeoutMs`. */
function optionOf(field: string): string {
  const [first = "", second = ""] = field.split(/[.[]/, 2);
  return limitOption(first, second) ?? optionOfField[first] ?? field;
}

/** The same problem in the words of the command line: it names options instead of fields. */
export function namingOptions(error: unknown): unknown {
  if (!(error instanceof ProblemError) || error.errors.length === 0) return error;
  const errors = error.errors.map(({ field, message }) => ({ field: optionOf(field), message }));
  return new ProblemError(error.code, error.message, { errors, cause: error });
}
