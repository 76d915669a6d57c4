import {
  defaultCompileLimits,
  type FieldError,
  type LimitName,
  type Limits,
  limitNames,
  limitsSchema,
  ProblemError,
  type Profile,
  type Runtime,
} from "@glovebox/protocol";

/** Says an amount of a limit, in whatever unit the caller knows it. */
export type AmountText = (name: LimitName, amount: number) => string;

/** What holds for one group of limits besides what is asked for. */
interface Bounds {
  readonly field: "limits" | "compileLimits";
  readonly defaults: Limits;
  readonly ceiling: Limits;
  readonly runtime: Pick<Runtime, "title" | "floor">;
  readonly amountText: AmountText;
}

/** The defaults lowered to the ceiling, and raised to what a language needs to start, where the ceiling lets it. */
export function unaskedLimits(defaults: Limits, ceiling: Limits, floor: Partial<Limits>): Limits {
  const limits: Limits = { ...defaults };
  for (const name of limitNames) {
    const highest = ceiling[name];
    limits[name] = Math.max(Math.min(floor[name] ?? 0, highest), Math.min(defaults[name], highest));
  }
  return limits;
}

type Asked = { readonly [name in LimitName]?: number | undefined };

function merge(asked: Asked, bounds: Bounds, under: FieldError[], over: FieldError[]): Limits {
  const { field, defaults, ceiling, runtime, amountText } = bounds;
  const limits = unaskedLimits(defaults, ceiling, runtime.floor);
  for (const name of limitNames) {
    const wanted = asked[name];
    if (wanted === undefined) continue;
    const highest = ceiling[name];
    const lowest = Math.min(runtime.floor[name] ?? 0, highest);
    const say = (amount: number) => amountText(name, amount);
    const wrong = (message: string) => ({ field: `${field}.${name}`, message: `${say(wanted)} ${message}` });
    if (wanted < lowest) under.push(wrong(`is too little: ${runtime.title} needs ${say(lowest)}`));
    else if (wanted > highest) over.push(wrong(`is over this host's ceiling of ${say(highest)}`));
    limits[name] = wanted;
  }
  return limits;
}

/**
 * The limits of one run: what it asks for over the defaults, which give way to the ceiling and to the floor of the
 * language in silence. What a run asks for does not: throws `invalid-request` for what is below the floor, otherwise
 * `limit-over-ceiling`, each of which names every such field.
 */
export function resolveLimits(
  asked: { readonly limits?: Asked | undefined; readonly compileLimits?: Asked | undefined },
  runtime: Pick<Runtime, "title" | "floor" | "compile">,
  profile: Profile,
  amountText: AmountText = (_name, amount) => String(amount),
): { readonly limits: Limits; readonly compileLimits: Limits } {
  const { ceiling } = profile;
  const under: FieldError[] = [];
  const over: FieldError[] = [];
  const group = (field: Bounds["field"], defaults: Limits) =>
    merge(asked[field] ?? {}, { field, defaults, ceiling, runtime, amountText }, under, over);
  const limits = group("limits", profile.defaults);
  const compileLimits = group("compileLimits", { ...defaultCompileLimits, ...runtime.compile?.limits });
  if (under.length > 0) throw ProblemError.ofFields("invalid-request", under);
  if (over.length > 0) throw ProblemError.ofFields("limit-over-ceiling", over);
  return { limits, compileLimits };
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
  throw ProblemError.ofFields("invalid-configuration", errors);
}
