import {
  type FieldError,
  type LimitName,
  type Limits,
  limitNames,
  limitsSchema,
  ProblemError,
} from "@glovebox/protocol";

function refuse(code: "invalid-request" | "limit-over-ceiling", errors: FieldError[]): void {
  if (errors.length === 0) return;
  throw new ProblemError(code, errors.map((error) => `${error.field}: ${error.message}`).join("; "), { errors });
}

/**
 * The limits of one run: what it asks for over the defaults. Defaults are lowered to the ceiling and raised to the
 * floor of the language in silence; what a run asks for is not: it throws `limit-over-ceiling`, naming each field, and
 * `invalid-request` for a value that no limit can have or with which the language does not start. `field` is where
 * the limits stand in the request.
 */
export function mergeLimits(
  asked: Partial<Limits> | undefined,
  defaults: Limits,
  ceiling: Limits,
  floor: Partial<Limits> = {},
  field: "limits" | "compileLimits" = "limits",
): Limits {
  const merged: Record<string, number> = {};
  const invalid: FieldError[] = [];
  const over: FieldError[] = [];
  for (const name of limitNames) {
    const wanted = asked?.[name];
    const highest = ceiling[name];
    const lowest = Math.min(floor[name] ?? 0, highest);
    const parsed = limitsSchema.shape[name].optional().safeParse(wanted);
    if (!parsed.success) {
      invalid.push({
        field: `${field}.${name}`,
        message: parsed.error.issues.map((issue) => issue.message).join(", "),
      });
    } else if (wanted !== undefined && wanted < lowest) {
      invalid.push({ field: `${field}.${name}`, message: `${wanted} is too little: the language needs ${lowest}` });
    } else if (wanted !== undefined && wanted > highest) {
      over.push({ field: `${field}.${name}`, message: `${wanted} is over this host's ceiling of ${highest}` });
    }
    merged[name] = wanted ?? Math.max(lowest, Math.min(defaults[name as LimitName], highest));
  }
  refuse("invalid-request", invalid);
  refuse("limit-over-ceiling", over);
  return limitsSchema.parse(merged);
}
