import type * as z from "zod";
import { crowdedPath, maxEntries, maxEntriesInAll, maxFiles, type ValueFields } from "./crowd.ts";
import { infinitePath } from "./infinite.ts";
import { fieldNames, fieldPath, unknownField, unknownFields } from "./known-fields.ts";
import { limitsSchema } from "./limits.ts";
import { type FieldError, ProblemError } from "./problems.ts";
import { prototypeKeyPath, refusedKeyProblem } from "./prototype-keys.ts";
import { type ExecutionRequest, executionRequestSchema, type HostRequest, hostRequestSchema } from "./request.ts";
import { isShallow, maxJsonDepth } from "./value.ts";

/** A request that passed the schema, with what had to be corrected in it. */
export interface ParsedRequest<Request = ExecutionRequest> {
  readonly request: Request;
  readonly warnings: readonly string[];
}

const numericText = /^\s{0,9}[+-]?\d{1,30}(\.\d{1,30})?\s{0,9}$/;
const topLevelNumbers = ["sampleIntervalMs"] as const;
const groupsOfLimits = ["limits", "compileLimits"] as const;
const valueFields: ValueFields = { data: "value", parameters: "values", metadata: "values", files: "files" };

/** Errors that a problem names; the rest is counted. */
const maxErrors = 100;
/** Characters of a name of the caller's that a message tells: it may have megabytes. */
const maxNameTold = 1_000;

function correctNumber(holder: Record<string, unknown>, key: string, path: string, warnings: string[]): void {
  const value = holder[key];
  if (typeof value !== "string" || !numericText.test(value)) return;
  holder[key] = Number(value);
  warnings.push(`${path}: the text ${JSON.stringify(value)} was read as the number ${Number(value)}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const requestFields = fieldNames(executionRequestSchema);
const hostFields = fieldNames(hostRequestSchema);

/** The first errors of an issue; a caller may have made thousands of unknown fields. */
function describe(issue: z.core.$ZodIssue, most: number): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, most).map((key) => unknownField(issue.path, key, requestFields));
  }
  if (most <= 0) return [];
  if (issue.code === "invalid_key") {
    const name = JSON.stringify(String(issue.path.at(-1))).slice(0, maxNameTold);
    const rules = issue.issues.map(({ message }) => message).join(", ");
    return [{ field: fieldPath(issue.path), message: `the name ${name} ${rules}` }];
  }
  return [{ field: fieldPath(issue.path), message: issue.message }];
}

/** Turns what zod found in a request into a problem that names the fields and their rules: all, or the first hundred. */
export function problemOf(error: z.ZodError): ProblemError {
  const errors: FieldError[] = [];
  let found = 0;
  for (const issue of error.issues) {
    found += issue.code === "unrecognized_keys" ? issue.keys.length : 1;
    errors.push(...describe(issue, maxErrors - errors.length));
  }
  const told = errors.map((entry) => `${entry.field}: ${entry.message}`);
  if (found > errors.length) told.push(`and ${found - errors.length} errors more`);
  return new ProblemError("invalid-request", told.join("; "), { errors, cause: error });
}

/** Refuses, before a schema looks at each of them, more entries than any request needs. */
function refuseCrowd(input: Record<string, unknown>): void {
  const path = crowdedPath(input, valueFields);
  if (path === undefined) return;
  const field = fieldPath(path);
  const bounds = `at most ${maxEntries} here, ${maxEntriesInAll} outside of 'data', and ${maxFiles} files`;
  const message = `has, or brings the request to, too many entries: ${bounds}`;
  throw new ProblemError("invalid-request", `${field}: ${message}`, { errors: [{ field, message }] });
}

/** Refuses numbers that would arrive in the program as another value. */
function refuseInfinite(input: Record<string, unknown>): void {
  for (const name of Object.keys(valueFields)) {
    const path = infinitePath(input[name]);
    if (path === undefined) continue;
    const field = fieldPath([name, ...path]);
    const message = "is a number over 1.8e308, which no double holds: give it as text";
    throw new ProblemError("invalid-request", `${field}: ${message}`, { errors: [{ field, message }] });
  }
}

/** What every request goes through before a schema looks at it. Returns it with numeric text corrected. */
function prepare(input: unknown, warnings: string[]): unknown {
  if (!isRecord(input)) return input;
  if (!isShallow(input)) {
    throw new ProblemError("invalid-request", `the request is nested deeper than ${maxJsonDepth} levels`);
  }
  refuseCrowd(input);
  refuseInfinite(input);
  const copy: Record<string, unknown> = { ...input };
  for (const key of topLevelNumbers) correctNumber(copy, key, key, warnings);
  for (const group of groupsOfLimits) {
    if (!isRecord(copy[group])) continue;
    const limits = { ...copy[group] };
    for (const key of Object.keys(limitsSchema.shape)) correctNumber(limits, key, `${group}.${key}`, warnings);
    copy[group] = limits;
  }
  return copy;
}

/**
 * Parses an execution request from outside. Numbers given as numeric text are corrected with a warning.
 * Throws {@link ProblemError} `invalid-request`, with one entry per broken field.
 */
export function parseExecutionRequest(input: unknown): ParsedRequest<ExecutionRequest> {
  const warnings: string[] = [];
  const parsed = executionRequestSchema.safeParse(prepare(input, warnings));
  if (!parsed.success) throw problemOf(parsed.error);
  return { request: parsed.data, warnings };
}

/** Fields with keys of the caller's own. What comes as JSON is refused for them by its reader. */
const keyed = ["env", "parameters", "data", "metadata"] as const;

/** Refuses keys that no copy of an object would have: a value would be lost without a word. */
function refusePrototypeKeys(input: object): void {
  for (const name of keyed) {
    const path = prototypeKeyPath((input as Partial<Record<string, unknown>>)[name]);
    if (path !== undefined) throw refusedKeyProblem([name, ...path]);
  }
}

/** The same for a caller inside the process, who may give bytes and name files of the host. */
export function parseHostRequest(input: object): ParsedRequest<HostRequest> {
  const warnings: string[] = [];
  const candidate = prepare(input, warnings);
  refusePrototypeKeys(input);
  // A union tells of no field in it, so these are looked for first.
  const unknown = unknownFields(input, hostFields);
  if (unknown.length > 0) throw ProblemError.ofFields("invalid-request", unknown);
  const parsed = hostRequestSchema.safeParse(candidate);
  if (!parsed.success) throw problemOf(parsed.error);
  return { request: parsed.data, warnings };
}
