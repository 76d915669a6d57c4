import { type LimitName, leastLimits } from "@glovebox/protocol";
import { amountText } from "@glovebox/server/config";
import { type LimitOption, limitOptions } from "./limit-options.ts";
import { mistake } from "./mistake.ts";
import { parseOptionAmount } from "./values.ts";

const measureOf = new Map(limitOptions.map(({ limit, measure }) => [limit, measure]));

/** An amount of a limit the way its option takes it: `100 MB`, `1.5 s`, `64`. */
export function limitText(limit: LimitName, amount: number): string {
  return amountText(amount, measureOf.get(limit) ?? { of: "count", unit: "" });
}

/** A limit as text in the unit of the request. Throws what is no amount and what is too little for any program. */
export function parseLimit({ limit, option, measure }: LimitOption, text: string): number {
  const amount = parseOptionAmount(option, measure, text);
  if (amount < leastLimits[limit]) throw mistake(option, `must be at least ${limitText(limit, leastLimits[limit])}`);
  return amount;
}
