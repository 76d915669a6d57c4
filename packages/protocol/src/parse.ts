import type { z } from "zod";
import { crowdedPath, maxEntries, maxEntriesInAll, type ValueFields } from "./crowd.ts";
import { type ExecutionRequest, executionRequestSchema } from "./execution.ts";
import { limitsSchema } from "./limits.ts";
import { type FieldError, ProblemError } from "./problems.ts";
import { isShallow, maxJsonDepth } from "./value.ts";

/** A request that passed the schema, with what had to be corrected in it. */
export interface ParsedRequest {
  request: ExecutionRequest;
  warnings: string[];
}

const numericText = /^\s{0,9}[+-]?\d{1,30}(\.\d{1,30})?\s{0,9}$/;
const topLevelNumbers = ["sampleIntervalMs"] as const;
const groupsOfLimits = ["limits", "compileLimits"] as const;
const valueFields: ValueFields = { data: "value", parameters: "values", metadata: "values" };

/** Errors that a problem names; the rest is counted. */
const maxErrors = 100;
/** Characters of a field's name that are told: a caller may have made one of megabytes. */
const maxFieldName = 1_000;

function correctNumber(holder: Record<string, unknown>, key: string, path: string, warnings: string[]): void {
  const value = holder[key];
  if (typeof value !== "string" || !numericText.test(value)) return;
  holder[key] = Number(value);
  warnings.push(`${path}: the text ${JSON.stringify(value)} was read as the number ${Number(value)}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Writes a zod path the way callers write it: `files[0].name`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    text += typeof part === "number" ? `[${part}]` : text === "" ? String(part) : `.${String(part)}`;
  }
  return text === "" ? "(body)" : text;
}

function describe(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: fieldPath([...issue.path, key]).slice(0, maxFieldName),
      message: "unknown field: remove it or correct its name",
    }));
  }
  return [{ field: fieldPath(issue.path).slice(0, maxFieldName), message: issue.message }];
}

/** Turns what zod found into a problem that names the fields and their rules: all of them, or the first hundred. */
export function problemOf(error: z.ZodError): ProblemError {
  const all = error.issues.flatMap(describe);
  const errors = all.slice(0, maxErrors);
  const told = errors.map((entry) => `${entry.field}: ${entry.message}`);
  if (all.length > errors.length) told.push(`and ${all.length - errors.length} errors more`);
  return new ProblemError("invalid-request", told.join("; "), { errors, cause: error });
}

/** Refuses, before a schema looks at each of them, more entries than any request needs. */
function refuseCrowd(input: Record<string, unknown>): void {
  const path = crowdedPath(input, valueFields);
  if (path === undefined) return;
  const field = fieldPath(path);
  const bounds = `at most ${maxEntries} here, ${maxEntriesInAll} outside of 'data'`;
  const message = `has, or brings the request to, too many entries: ${bounds}`;
  throw new ProblemError("invalid-request", `${field}: ${message}`, { errors: [{ field, message }] });
}

/**
 * Parses an execution request from outside. Numbers given as numeric text are corrected with a warning.
 * Throws {@link ProblemError} `invalid-request`, with one entry per broken field.
 */
export function parseExecutionRequest(input: unknown): ParsedRequest {
  const warnings: string[] = [];
  let candidate = input;
  if (isRecord(input)) {
    if (!isShallow(input)) {
      throw new ProblemError("invalid-request", `the request is nested deeper than ${maxJsonDepth} levels`);
    }
    refuseCrowd(input);
    const copy: Record<string, unknown> = { ...input };
    for (const key of topLevelNumbers) correctNumber(copy, key, key, warnings);
    for (const group of groupsOfLimits) {
      if (!isRecord(copy[group])) continue;
      const limits = { ...copy[group] };
      for (const key of Object.keys(limitsSchema.shape)) correctNumber(limits, key, `${group}.${key}`, warnings);
      copy[group] = limits;
    }
    candidate = copy;
  }
  const parsed = executionRequestSchema.safeParse(candidate);
  if (!parsed.success) throw problemOf(parsed.error);
  return { request: parsed.data, warnings };
}
