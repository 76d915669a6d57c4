import { ProblemError, unknownFields } from "@glovebox/protocol";
import type { ExecutionSpec, RunOptions } from "../api.ts";

/** The options of a run: an object, so that a new one cannot be forgotten here. */
const options: Readonly<Record<keyof RunOptions, true>> = {
  signal: true,
  collectOutput: true,
  artifactsDir: true,
  warnings: true,
};
const names = Object.keys(options);

/** Throws `invalid-request` that names every unknown option, and those that were given as fields of the program. */
export function refuseUnknownOptionsOfRun(spec: ExecutionSpec, given: RunOptions): void {
  const misplaced = Object.keys(spec).filter((key) => names.includes(key));
  const message = "unknown field: give it in the second argument";
  const errors = [...misplaced.map((field) => ({ field, message })), ...unknownFields(given, names)];
  if (errors.length > 0) throw ProblemError.ofFields("invalid-request", errors);
}
