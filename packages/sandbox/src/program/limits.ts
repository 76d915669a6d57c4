import {
  type FieldError,
  type LimitName,
  type Limits,
  limitNames,
  limitsSchema,
  ProblemError,
} from "@glovebox/protocol";

type Code = "invalid-request" | "limit-over-ceiling" | "invalid-configuration";

function broken(code: Code, errors: readonly FieldError[]): ProblemError {
  return new ProblemError(code, errors.map((error) => `${error.field}: ${error.message}`).join("; "), { errors });
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
  if (invalid.length > 0) throw broken("invalid-request", invalid);
  if (over.length > 0) throw broken("limit-over-ceiling", over);
  return limitsSchema.parse(merged);
}

/** The operator's limits over the built-in ones. Throws `invalid-configuration` that names every broken field. */
export function configuredLimits(
  name: "ceiling" | "defaults",
  builtIn: Limits,
  own: Partial<Limits> | undefined,
): Limits {
  const parsed = limitsSchema.safeParse({ ...builtIn, ...own });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    field: `${name}.${issue.path.join(".")}`,
    message: issue.message,
  }));
  throw broken("invalid-configuration", errors);
}
