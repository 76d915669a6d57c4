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

/** Options of which the field says more than the option: which parameter, and where in it. */
const withPlace: readonly string[] = ["parameters", "data"];

/** The option that a field of the request comes from: `--timeout` for `limits.timeoutMs`, `--param n` for `parameters.n`. */
function optionOf(field: string): string {
  const [first = "", second = ""] = field.split(/[.[]/, 2);
  const option = limitOption(first, second) ?? optionOfField[first];
  if (option === undefined) return field;
  const place = field.slice(first.length).replace(/^\./, "");
  return withPlace.includes(first) && place !== "" ? `${option} ${place}` : option;
}

/** The same problem in the words of the command line: it names options instead of fields. */
export function namingOptions(error: unknown): unknown {
  return error instanceof ProblemError ? error.renamed(optionOf) : error;
}
