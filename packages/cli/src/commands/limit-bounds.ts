import {
  defaultCeiling,
  type ExecutionRequest,
  type FieldError,
  type LimitName,
  type Limits,
  limitNames,
  ProblemError,
  type Runtime,
} from "@glovebox/protocol";
import type { Config } from "@glovebox/server/config";
import { limitText } from "../arguments/limit-amounts.ts";

/**
 * Refuses what is asked over the host's ceiling, or below what the language needs to start, in the units of the command
 * line. The sandboxes refuse it too; here it is told before they are made.
 */
export function refuseLimits(request: ExecutionRequest, { floor, title }: Runtime, config: Config): void {
  const ceiling: Limits = { ...defaultCeiling, ...config.ceiling };
  const over: FieldError[] = [];
  const under: FieldError[] = [];
  for (const group of ["limits", "compileLimits"] as const) {
    for (const name of limitNames) {
      const asked = request[group]?.[name];
      if (asked === undefined) continue;
      const field = `${group}.${name}`;
      const text = (amount: number) => textOf(name, amount);
      const least = Math.min(floor[name] ?? 0, ceiling[name]);
      if (asked > ceiling[name]) {
        over.push({ field, message: `${text(asked)} is over this host's ceiling of ${text(ceiling[name])}` });
      } else if (asked < least) {
        under.push({ field, message: `${text(asked)} is too little: ${title} needs ${text(least)}` });
      }
    }
  }
  refuse("invalid-request", under);
  refuse("limit-over-ceiling", over);
}

function textOf(name: LimitName, amount: number): string {
  return limitText(name, { ...defaultCeiling, [name]: amount });
}

function refuse(code: "invalid-request" | "limit-over-ceiling", errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  throw new ProblemError(code, errors.map(({ field, message }) => `${field}: ${message}`).join("; "), { errors });
}
