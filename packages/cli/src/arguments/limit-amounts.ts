import { type LimitName, type Limits, leastLimits } from "@glovebox/protocol";
import { amountText } from "@glovebox/server/config";
import { type LimitOption, limitOptions } from "./limit-options.ts";
import { mistake } from "./mistake.ts";
import { parseOptionAmount } from "./values.ts";

const measureOf = new Map(limitOptions.map(({ limit, measure }) => [limit, measure]));

/** A limit the way its option takes it: `100 MB`, `1.5 s`, `64`. */
export function limitText(limit: LimitName, limits: Limits): string {
  return amountText(limits[limit], measureOf.get(limit) ?? { of: "count", unit: "" });
}

/** A limit as text in the unit of the request. Throws what is no amount and what is too little for any program. */
export function parseLimit({ limit, option, measure }: LimitOption, text: string): number {
  const amount = parseOptionAmount(option, measure, text);
  if (amount < leastLimits[limit]) throw mistake(option, `must be at least ${limitText(limit, leastLimits)}`);
  return amount;
}
