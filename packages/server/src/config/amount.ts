/**
 * Amounts as people write them: `10s`, `512MB`, `1.5g`, `50%`. A number alone is in the unit of the option or setting.
 * 1 KB is 1 024 bytes, whether it is written K, KB or KiB, and so on.
 */
const kibi = 1024;
const factors = {
  time: { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 },
  bytes: {
    ...{ b: 1, byte: 1, bytes: 1 },
    ...{ k: kibi, kb: kibi, kib: kibi, m: kibi ** 2, mb: kibi ** 2, mib: kibi ** 2 },
    ...{ g: kibi ** 3, gb: kibi ** 3, gib: kibi ** 3, t: kibi ** 4, tb: kibi ** 4, tib: kibi ** 4 },
  },
  share: { "%": 1 },
  count: {},
} as const;

const examples = {
  time: "a time such as 500ms, 10s, 2m or 1h",
  bytes: "a size such as 64KB, 512MB or 1.5GB",
  share: "a share such as 50%",
  count: "a whole number",
} as const;

/** What an option or a setting measures, and the unit of a number alone. */
export interface Measure {
  readonly of: keyof typeof factors;
  /** Empty, or a noun such as `lines`, for a count. */
  readonly unit: string;
}

function factorOf({ of }: Measure, unit: string): number | undefined {
  const known: Readonly<Record<string, number>> = factors[of];
  return Object.hasOwn(known, unit) ? known[unit] : undefined;
}

/**
 * An amount in milliseconds, bytes, percent or as a count, a whole number; undefined for what is none, which
 * `amountRule` explains. No sign and no exponent.
 */
export function parseAmount(text: string, measure: Measure): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([A-Za-z%]*)$/.exec(text.trim());
  if (match === null) return undefined;
  const [, digits = "", unit = ""] = match;
  if (measure.of === "count") return unit === "" && !digits.includes(".") ? Number(digits) : undefined;
  const factor = factorOf(measure, (unit === "" ? measure.unit : unit).toLowerCase());
  return factor === undefined ? undefined : Math.min(Math.round(Number(digits) * factor), Number.MAX_SAFE_INTEGER);
}

/** What `parseAmount` takes: the end of a sentence that begins with "needs". */
export function amountRule(measure: Measure): string {
  if (measure.of === "count") return examples.count;
  return `${examples[measure.of]} (a number alone is in ${measure.unit})`;
}

/** An amount in its unit, or in the largest one below in which three decimals say it: `1.5 s`, `100 MB`, `64 KB`. */
export function amountText(amount: number, measure: Measure): string {
  const units = measure.of === "bytes" ? [measure.unit, "KB", "bytes"] : [measure.unit];
  for (const unit of units) {
    const factor = factorOf(measure, unit.toLowerCase()) ?? 1;
    const shown = Number((amount / factor).toFixed(3));
    if (Math.round(shown * factor) === amount) return unit === "" ? String(shown) : `${shown} ${unit}`;
  }
  return String(amount);
}
