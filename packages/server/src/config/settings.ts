import { isAbsolute } from "node:path";
import { isolationFeatureSchema, type LimitName, limitNames, limitsSchema } from "@glovebox/protocol";
import * as z from "zod";
import { definedOnly } from "../defined.ts";
import { amountRule, type Measure, parseAmount } from "./amount.ts";

const within = (minimum: number, maximum: number) => {
  const rule = `must be from ${minimum} to ${maximum}`;
  return z.int().min(minimum, rule).max(maximum, rule);
};
const number = z
  .string()
  .regex(/^\d{1,15}$/, "must be a whole number")
  .transform(Number);
const whole = (minimum: number, maximum: number) => number.pipe(within(minimum, maximum));

const amount = (measure: Measure) =>
  z.string().transform((text, context) => {
    const parsed = parseAmount(text, measure);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: "custom", message: `needs ${amountRule(measure)}, not ${JSON.stringify(text)}` });
    return z.NEVER;
  });
const milliseconds = amount({ of: "time", unit: "ms" });
const bytes = amount({ of: "bytes", unit: "bytes" });
const count = amount({ of: "count", unit: "" });

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ""),
);

const absolutePath = z
  .string()
  .refine(isAbsolute, { error: ({ input }) => `must be an absolute path, not ${JSON.stringify(input)}` });

const limits = z
  .strictObject({
    timeoutMs: milliseconds,
    cpuMs: milliseconds,
    cpuPercent: amount({ of: "share", unit: "%" }),
    memoryBytes: bytes,
    processes: count,
    outputBytes: bytes,
    outputLines: count,
    diskBytes: bytes,
    openFiles: count,
  } satisfies Record<LimitName, unknown>)
  .partial()
  .pipe(limitsSchema.partial())
  .transform(definedOnly)
  .prefault({});

/** The settings as text, with their rules and defaults. Each is an environment variable and can be a flag. */
export const settingsSchema = z.strictObject({
  /** Address or name to listen on. */
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 takes a free one. */
  port: whole(0, 65_535).default(7070),
  /** Host names, besides loopback names and addresses, that requests may name. */
  allowedHosts: list.pipe(z.array(z.string().regex(/^[^\s:/@]+$/, "must be host names without port"))).prefault(""),
  bodyLimitBytes: bytes.pipe(within(1_024, 2 ** 31)).default(64 * 1024 * 1024),
  /** Bytes of records, events and artifacts that are kept in memory of executions that are over. */
  keepBytes: bytes.default(256 * 1024 * 1024),
  /** Libraries that are imported ahead of time; by default what programs of the data stack use. */
  preload: list.prefault("numpy,pandas,scipy,matplotlib,seaborn"),
  poolMin: whole(0, 1_000).optional(),
  poolMax: whole(1, 1_000).optional(),
  concurrency: whole(1, 10_000).optional(),
  leaseTimeoutMs: milliseconds.pipe(within(0, 3_600_000)).optional(),
  waive: list.pipe(z.array(isolationFeatureSchema)).prefault(""),
  runtimeDir: z.string().min(1).optional(),
  /** Folders outside /usr in which toolchains are looked for first. Sandboxes see them. */
  toolchains: list.pipe(z.array(absolutePath)).prefault(""),
  /** Folder of the compile cache and of what toolchains prepare. */
  cacheDir: absolutePath.optional(),
  /** Languages made ready at the start of the server. Whether they exist is for the sandboxes to say. */
  languages: list.pipe(z.array(z.string()).min(1, "must name a language")).prefault("python"),
  /** Limits of a program that asks for none, over the built-in ones. */
  default: limits,
  /** The highest limits that a program may ask for, over the built-in ones. */
  ceiling: limits,
});

export type Config = Readonly<z.infer<typeof settingsSchema>>;

type LimitKind = "default" | "ceiling";
/** Name of one setting: `poolMin`, `ceiling.memoryBytes`. */
export type SettingName = Exclude<keyof Config, LimitKind> | `${LimitKind}.${LimitName}`;

const isPlain = (name: string): name is Exclude<keyof Config, LimitKind> => name !== "default" && name !== "ceiling";

export const settingNames: readonly SettingName[] = [
  ...Object.keys(settingsSchema.shape as Record<keyof Config, unknown>).filter(isPlain),
  ...limitNames.flatMap((name) => [`default.${name}`, `ceiling.${name}`] as const),
];
