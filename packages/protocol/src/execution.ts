import * as z from "zod";
import { maxFiles } from "./crowd.ts";
import { limitsSchema } from "./limits.ts";
import { metricsSchema } from "./metrics.ts";
import { outcomeSchema } from "./outcome.ts";
import { displaySchema, programErrorSchema, valueSchema } from "./value.ts";

/** Size of the program text in bytes of UTF-8 that is accepted at most: 1 MiB. */
export const maxCodeBytes = 1024 * 1024;

/** Segments of up to this many UTF-16 units have at most 255 bytes. */
const surelyShort = 85;

/** Whether a segment between '/' has over 255 bytes, which no file system takes. */
function hasLongSegment(name: string): boolean {
  if (name.length <= surelyShort) return false;
  return name.split("/").some((part) => part.length > surelyShort && Buffer.byteLength(part) > 255);
}

export const fileNameSchema = z
  .string()
  .min(1, "must not be empty")
  .max(1_024, "must have at most 1024 characters")
  .refine((name) => !name.startsWith("/"), "must be relative: remove the leading '/'")
  .refine((name) => !name.includes("\0"), "must not contain a NUL byte")
  .refine((name) => Buffer.from(name).toString() === name, "must be text: it has half of a character")
  .refine((name) => !/(?:^|\/)\.{0,2}(?:\/|$)/.test(name), "must not contain '..', '.' or empty path segments")
  .refine((name) => !hasLongSegment(name), "has a segment over 255 bytes");

/**
 * The files that cannot be placed beside the others, because one of them has the name of a folder above: their indexes,
 * each with that name. Sorted, a folder stands right before what is in it, so that each name is compared with its
 * neighbour alone: 50,000 names of hundreds of segments take no time that others would notice.
 */
export function filesBelowFiles(names: readonly string[]): { readonly index: number; readonly folder: string }[] {
  const sorted = names.map((name, index) => ({ index, path: `${name}/` }));
  sorted.sort((one, other) => (one.path < other.path ? -1 : 1));
  const found: { index: number; folder: string }[] = [];
  let folder: string | undefined;
  for (const { index, path } of sorted) {
    if (folder !== undefined && path !== folder && path.startsWith(folder)) {
      found.push({ index, folder: folder.slice(0, -1) });
    } else folder = path;
  }
  return found.sort((one, other) => one.index - other.index);
}

/** A file placed in the working directory before the program starts. Exactly one source is given. */
export const inputFileSchema = z
  .strictObject({
    name: fileNameSchema,
    content: z.string().optional(),
    contentBase64: z.base64().optional(),
  })
  .refine((file) => (file.content === undefined) !== (file.contentBase64 === undefined), {
    message: "needs exactly one of 'content' and 'contentBase64'",
  });
export type InputFile = z.infer<typeof inputFileSchema>;

const nulFree = z.string().refine((text) => !text.includes("\0"), "must not contain a NUL byte");
/** Characters that one option of a compiler has at most. */
const maxCompilerOption = 200;
/** One word of a compiler's command line. Which are allowed is the language's to say. */
const compilerOptionSchema = z
  .string()
  .min(1, "must not be empty")
  .max(maxCompilerOption, `must have at most ${maxCompilerOption} characters`)
  .refine((option) => !/\p{Cc}/u.test(option), "must not contain control characters")
  .refine((option) => Buffer.from(option).toString() === option, "must be text: it has half of a character");
export const compilerOptionsSchema = z.array(compilerOptionSchema).max(50, "must be at most 50 options");

const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must consist of letters, digits and '_' and must not begin with a digit");

/** Milliseconds between two samples. */
export const sampleIntervalBounds = Object.freeze({ least: 10, most: 60_000 });
const sampleIntervalRule = `must be from ${sampleIntervalBounds.least} to ${sampleIntervalBounds.most} milliseconds`;

export const isolationFeatureSchema = z.enum(["user-namespaces", "cgroups", "separate-uids"]);
/** A wall that can be missing on a host. Running without it is refused unless it is waived by name. */
export type IsolationFeature = z.infer<typeof isolationFeatureSchema>;

/** A request to run one program. `language` with `code`, or with `files` and `entry`, is enough. */
export const executionRequestSchema = z
  .strictObject({
    language: z.string().min(1, "must not be empty").max(40, "must have at most 40 characters").optional(),
    code: z
      .string()
      .refine((code) => code.trim() !== "", "must not be empty")
      .refine((code) => Buffer.byteLength(code) <= maxCodeBytes, "must be at most 1 MiB (1048576 bytes)")
      .optional(),
    files: z.array(inputFileSchema).max(maxFiles).optional(),
    entry: fileNameSchema.optional(),
    stdin: z.string().optional(),
    /** Standard input that is no text, instead of `stdin`. */
    stdinBase64: z.base64().optional(),
    args: z.array(nulFree).max(1_000).optional(),
    env: z.record(environmentName, nulFree).optional(),
    parameters: z.record(z.string(), valueSchema).optional(),
    data: valueSchema.optional(),
    limits: limitsSchema.partial().optional(),
    /** Limits of the compiler, for languages that have one; `limits` are those of the program itself. */
    compileLimits: limitsSchema.partial().optional(),
    /** Options of the compiler, of those that the language allows, in their order. */
    compilerOptions: compilerOptionsSchema.optional(),
    returnVariables: z
      .array(z.string().min(1, "must not be empty").max(200, "must have at most 200 characters"))
      .max(200, "must be at most 200 names")
      .optional(),
    /** Interval of the sample series and of the metrics events in milliseconds; without it there is no series. */
    sampleIntervalMs: z
      .int(sampleIntervalRule)
      .min(sampleIntervalBounds.least, sampleIntervalRule)
      .max(sampleIntervalBounds.most, sampleIntervalRule)
      .optional(),
    metadata: z.record(z.string(), valueSchema).optional(),
  })
  .superRefine((request, context) => {
    if ((request.code === undefined) === (request.entry === undefined)) {
      context.addIssue({
        code: "custom",
        path: [request.code === undefined ? "code" : "entry"],
        message: "give exactly one of 'code' and 'entry' (with 'files')",
      });
    }
    if (request.stdin !== undefined && request.stdinBase64 !== undefined) {
      context.addIssue({
        code: "custom",
        path: ["stdinBase64"],
        message: "give at most one of 'stdin' and 'stdinBase64'",
      });
    }
    const names = new Set<string>();
    for (const [index, file] of (request.files ?? []).entries()) {
      if (names.has(file.name)) {
        context.addIssue({ code: "custom", path: ["files", index, "name"], message: `duplicate name '${file.name}'` });
      }
      names.add(file.name);
    }
    for (const { index, folder } of filesBelowFiles((request.files ?? []).map(({ name }) => name))) {
      const message = `'${folder}' is named both as a file and as a folder`;
      context.addIssue({ code: "custom", path: ["files", index, "name"], message });
    }
    if (request.entry !== undefined && !names.has(request.entry)) {
      context.addIssue({ code: "custom", path: ["entry"], message: `names no file of 'files': '${request.entry}'` });
    }
  });
export type ExecutionRequest = z.infer<typeof executionRequestSchema>;

export const artifactSchema = z.strictObject({
  /** Path below the working directory, with '/' between segments. */
  path: z.string(),
  size: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Artifact = z.infer<typeof artifactSchema>;

export const isolationSchema = z.strictObject({
  /** What ran the program: `namespaces` is bubblewrap with an own sandbox inside. */
  backend: z.enum(["namespaces"]),
  cgroups: z.enum(["v1", "v2", "none"]),
  uids: z.enum(["separate", "shared"]),
  waived: z.array(isolationFeatureSchema),
});
export type Isolation = z.infer<typeof isolationSchema>;

/** What the compiler did, for languages that have one. */
export const compilationSchema = z.strictObject({
  /** True when the product was there already and no compiler ran. The rest is then that of the run that made it. */
  cached: z.boolean(),
  outcome: outcomeSchema,
  stdout: z.string(),
  stderr: z.string(),
  metrics: metricsSchema,
});
export type Compilation = z.infer<typeof compilationSchema>;

/** What stands before the files in an entry of the compile cache. */
export const cacheHeaderSchema = z.strictObject({
  format: z.literal(1),
  files: z.array(z.strictObject({ path: fileNameSchema, size: z.int().nonnegative() })).max(10_000),
  /** What the maker wants to know again; it has a schema of its own. */
  note: z.unknown(),
});

/** The record of one execution. Success and failure share this shape. */
export const executionSchema = z.strictObject({
  id: z.string(),
  status: z.enum(["queued", "running", "finished"]),
  language: z.string(),
  outcome: outcomeSchema,
  /** The limits that were kept: what was asked for over the host's defaults. */
  limits: limitsSchema,
  /** Those of the compiler, for languages that have one. */
  compileLimits: limitsSchema.optional(),
  stdout: z.string(),
  stderr: z.string(),
  /** The bytes of `stdout` where they are not UTF-8: the text has U+FFFD then for each byte that is none. */
  stdoutBase64: z.base64().optional(),
  stderrBase64: z.base64().optional(),
  /** Value of the last expression; null when there is none. */
  value: valueSchema,
  /** What the program saved with `save_result`, by name. */
  results: z.record(z.string(), valueSchema),
  /** The variables named in `returnVariables`. */
  variables: z.record(z.string(), valueSchema),
  displays: z.array(displaySchema),
  /** Files that the program created or changed in its working directory. */
  artifacts: z.array(artifactSchema),
  /** The uncaught error of the program; null when there was none. */
  error: programErrorSchema.nullable(),
  metrics: metricsSchema,
  compile: compilationSchema.optional(),
  findings: z.array(z.json()),
  warnings: z.array(z.string()),
  isolation: isolationSchema,
  metadata: z.record(z.string(), valueSchema).optional(),
});
export type Execution = z.infer<typeof executionSchema>;
