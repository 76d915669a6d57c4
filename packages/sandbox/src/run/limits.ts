import {
  type FieldError,
  type LimitName,
  type Limits,
  limitNames,
  limitsSchema,
  ProblemError,
} from "@glovebox/protocol";

/**
 * The limits of one run: what it asks for over the defaults. Defaults are lowered to the ceiling in
 * silence; what a run asks for is not: it throws `limit-over-ceiling`, naming each field.
 */
export function mergeLimits(asked: Partial<Limits> | undefined, defaults: Limits, ceiling: Limits): Limits {
  const merged: Record<string, number> = {};
  const errors: FieldError[] = [];
  for (const name of limitNames) {
    const wanted = asked?.[name];
    const highest = ceiling[name];
    if (wanted !== undefined && wanted > highest) {
      errors.push({ field: `limits.${name}`, message: `${wanted} is over this host's ceiling of ${highest}` });
    }
    merged[name] = wanted ?? Math.min(defaults[name as LimitName], highest);
  }
  if (errors.length > 0) {
    throw new ProblemError("limit-over-ceiling", errors.map((error) => `${error.field}: ${error.message}`).join("; "), {
      errors,
    });
  }
  return limitsSchema.parse(merged);
}
