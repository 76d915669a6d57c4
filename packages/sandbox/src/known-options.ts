/**
 * The options that callers of `createSandboxes` may set. A field that is none is refused with the one that was probably
 * meant: passing it over would drop the limit that somebody meant to set.
 */
import { limitNames, ProblemError, unknownFields } from "@glovebox/protocol";
import type { SandboxOptions } from "./api.ts";

/** Every field of a shape, so that a new one cannot be forgotten here. */
type Fields<Shape> = Readonly<Record<keyof Shape, readonly string[]>>;

/** A field with those of the object that it holds. */
const namesOf = (fields: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(fields).flatMap(([field, inner]) => [field, ...inner.map((name) => field + name)]);

const limits = limitNames.map((name) => `.${name}`);

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

/** Throws `invalid-configuration` that names every unknown option of `createSandboxes`. */
export function refuseUnknownOptions(options: SandboxOptions): void {
  const errors = unknownFields(options, sandboxFields);
  if (errors.length > 0) throw ProblemError.ofFields("invalid-configuration", errors);
}
