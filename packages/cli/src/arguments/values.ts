import { readFile } from "node:fs/promises";
import { sampleIntervalBounds, type Value } from "@glovebox/protocol";
import { amountRule, type Measure, parseAmount } from "@glovebox/server/config";
import { mistake, unreadable } from "./mistake.ts";

/** An amount with or without a unit, in milliseconds, bytes, percent or as a count. */
export function parseOptionAmount(option: string, measure: Measure, text: string): number {
  const amount = parseAmount(text, measure);
  if (amount === undefined) throw mistake(option, `needs ${amountRule(measure)}, not ${JSON.stringify(text)}`);
  if (amount === Number.MAX_SAFE_INTEGER) throw mistake(option, `${JSON.stringify(text)} is more than can be counted`);
  return amount;
}

/** `--sample-interval`, in milliseconds. */
export function parseSampleInterval(text: string): number {
  const milliseconds = parseOptionAmount("--sample-interval", { of: "time", unit: "ms" }, text);
  const { least, most } = sampleIntervalBounds;
  if (milliseconds < least || milliseconds > most) {
    throw mistake("--sample-interval", `must be from ${least} ms to ${most / 1_000} s`);
  }
  return milliseconds;
}

/** `k=v` pairs of one repeatable option. Every key may come once. */
export function parsePairs(option: string, texts: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) throw mistake(option, `needs NAME=VALUE, not ${JSON.stringify(text)}`);
    const key = text.slice(0, at);
    if (key === "__proto__") throw mistake(option, `the name "__proto__" is refused; take another one`);
    if (pairs.has(key)) throw mistake(option, `gives ${JSON.stringify(key)} twice; remove one`);
    pairs.set(key, text.slice(at + 1));
  }
  return pairs;
}

/** JSON where the text is JSON, else the text. A whole number that JSON would round stays text. */
export function parseLenient(text: string): Value {
  try {
    const value = JSON.parse(text) as Value;
    const rounded = typeof value === "number" && /^-?\d+$/.test(text) && !Number.isSafeInteger(value);
    return rounded ? text : value;
  } catch {
    return text;
  }
}

/** `--data`: JSON, or `@FILE` that holds it. */
export async function readData(text: string): Promise<Value> {
  let json = text;
  if (text.startsWith("@")) {
    try {
      json = await readFile(text.slice(1), "utf8");
    } catch (cause) {
      throw unreadable("--data", text.slice(1), cause);
    }
  }
  try {
    return JSON.parse(json) as Value;
  } catch (cause) {
    throw mistake("--data", `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}
