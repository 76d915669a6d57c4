/**
 * The fields that callers of this library may set. A field that is none is refused with the one that was probably
 * meant: passing it over would drop the limit that somebody meant to set.
 */
import { type FieldError, limitNames, ProblemError, unknownFields } from "@glovebox/protocol";
import type { ExecutionSpec, RunOptions, SandboxOptions } from "./api.ts";

/** Every field of a shape, so that a new one cannot be forgotten here. */
type Fields<Shape> = Readonly<Record<keyof Shape, readonly string[]>>;

/** A field with those of the object that it holds. */
const namesOf = (fields: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(fields).flatMap(([field, inner]) => [field, ...inner.map((name) => field + name)]);

const limits = limitNames.map((name) => `.${name}`);

const specFields = namesOf({
  language: [],
  code: [],
  files: ["[].name", "[].content", "[].path"],
  entry: [],
  stdin: [".path"],
  args: [],
  env: [],
  parameters: [],
  data: [],
  limits,
  compileLimits: limits,
  compilerOptions: [],
  returnVariables: [],
  sampleIntervalMs: [],
  metadata: [],
} satisfies Fields<ExecutionSpec>);

const runFields = namesOf({
  signal: [],
  collectOutput: [],
  artifactsDir: [],
  warnings: [],
} satisfies Fields<RunOptions>);

const sandboxFields = namesOf({
  preload: [],
  pool: [".min", ".max"],
  defaults: limits,
  ceiling: limits,
  waive: [],
  cgroups: [],
  concurrency: [],
  leaseTimeoutMs: [],
  languages: [],
  toolchains: [],
  cacheDir: [],
  runtimeDir: [],
  stdinWarning: [],
  log: [],
} satisfies Fields<SandboxOptions>);

function refuse(code: "invalid-request" | "invalid-configuration", errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  throw new ProblemError(code, errors.map(({ field, message }) => `${field}: ${message}`).join("; "), { errors });
}

/** Throws `invalid-request` that names every unknown field of a program and of how it is to be run. */
export function refuseUnknownRequest(spec: ExecutionSpec, options: RunOptions): void {
  const misplaced = Object.keys(spec).filter((key) => runFields.includes(key));
  const errors = unknownFields(spec, specFields).map(({ field, message }) =>
    misplaced.includes(field)
      ? { field, message: "unknown field: give it in the second argument" }
      : { field, message },
  );
  refuse("invalid-request", [...errors, ...unknownFields(options, runFields)]);
}

/** Throws `invalid-configuration` that names every unknown option of `createSandboxes`. */
export function refuseUnknownOptions(options: SandboxOptions): void {
  refuse("invalid-configuration", unknownFields(options, sandboxFields));
}
