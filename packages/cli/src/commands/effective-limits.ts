import {
  defaultCeiling,
  defaultCompileLimits,
  defaultLimits,
  type ExecutionRequest,
  type FieldError,
  type Limits,
  limitNames,
  ProblemError,
  type Runtime,
  type Stage,
} from "@glovebox/protocol";
import type { Config } from "@glovebox/server/config";
import { limitText } from "../arguments/limit-amounts.ts";

type PartialLimits = ExecutionRequest["limits"];

/** The limits of each stage. */
export type StageLimits = Readonly<Record<Stage, Limits>>;

/**
 * The limits that the sandbox will keep, for messages. What is asked over the ceiling, or below what the language needs
 * to start, is refused here already, before a sandbox is made for it.
 */
export function effectiveLimits(request: ExecutionRequest, runtime: Runtime, config: Config): StageLimits {
  const bounds: Bounds = {
    ceiling: { ...defaultCeiling, ...config.ceiling },
    floor: runtime.floor,
    language: runtime.title,
  };
  return {
    run: bounded("limits", [request.limits, config.default], defaultLimits, bounds),
    compile: bounded("compileLimits", [request.compileLimits, runtime.compile?.limits], defaultCompileLimits, bounds),
  };
}

interface Bounds {
  readonly ceiling: Limits;
  readonly floor: PartialLimits;
  readonly language: string;
}

/** What is asked, else the default within the bounds. Throws with every limit that is asked beyond one of them. */
function bounded(
  group: "limits" | "compileLimits",
  [asked, configured]: readonly [asked: PartialLimits, configured: PartialLimits],
  builtIn: Limits,
  { ceiling, floor, language }: Bounds,
): Limits {
  const limits: Limits = { ...builtIn };
  const over: FieldError[] = [];
  const under: FieldError[] = [];
  for (const name of limitNames) {
    const least = { ...limits, [name]: Math.min(floor?.[name] ?? 0, ceiling[name]) };
    const usual = Math.max(least[name], Math.min(configured?.[name] ?? builtIn[name], ceiling[name]));
    limits[name] = asked?.[name] ?? usual;
    const field = `${group}.${name}`;
    const text = limitText(name, limits);
    if (limits[name] > ceiling[name]) {
      over.push({ field, message: `${text} is over this host's ceiling of ${limitText(name, ceiling)}` });
    } else if (limits[name] < least[name]) {
      under.push({ field, message: `${text} is too little: ${language} needs ${limitText(name, least)}` });
    }
  }
  refuse("invalid-request", under);
  refuse("limit-over-ceiling", over);
  return limits;
}

function refuse(code: "invalid-request" | "limit-over-ceiling", errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  throw new ProblemError(code, errors.map(({ field, message }) => `${field}: ${message}`).join("; "), { errors });
}
