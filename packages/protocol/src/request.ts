import * as z from "zod";
import { maxFiles } from "./crowd.ts";
import { type Limits, limitsSchema } from "./limits.ts";
import { type Value, valueSchema } from "./value.ts";

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
const inputFileSchema = z
  .strictObject({
    name: fileNameSchema,
    content: z.string().optional(),
    contentBase64: z.base64().optional(),
  })
  .refine((file) => (file.content === undefined) !== (file.contentBase64 === undefined), {
    message: "needs exactly one of 'content' and 'contentBase64'",
  });

const bytes = z.instanceof(Uint8Array);
const hostPath = z
  .string()
  .min(1, "must not be empty")
  .refine((path) => !path.includes("\0"), "must not contain a NUL byte");

/** The same of a caller inside the process, who may name a file of the host. */
const hostFileSchema = z
  .strictObject({
    name: fileNameSchema,
    content: z.union([z.string(), bytes], "must be text or bytes").optional(),
    contentBase64: z.base64().optional(),
    path: hostPath.optional(),
  })
  .refine(
    ({ content, contentBase64, path }) =>
      [content, contentBase64, path].filter((one) => one !== undefined).length === 1,
    { message: "needs exactly one of 'content', 'contentBase64' and 'path'" },
  );

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

/** What both kinds of requests have. Their files and their standard input come from different places. */
const fields = {
  language: z.string().min(1, "must not be empty").max(40, "must have at most 40 characters").optional(),
  code: z
    .string()
    .refine((code) => code.trim() !== "", "must not be empty")
    .refine((code) => Buffer.byteLength(code) <= maxCodeBytes, "must be at most 1 MiB (1048576 bytes)")
    .optional(),
  entry: fileNameSchema.optional(),
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
};

interface Named {
  readonly code?: string | undefined;
  readonly entry?: string | undefined;
  readonly files?: readonly { readonly name: string }[] | undefined;
  readonly stdin?: unknown;
  readonly stdinBase64?: string | undefined;
}

/** The rules between the fields of a request. */
function refuseContradictions(request: Named, context: z.RefinementCtx): void {
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
}

/** A request from outside to run one program. `language` with `code`, or with `files` and `entry`, is enough. */
export const executionRequestSchema = z
  .strictObject({ ...fields, files: z.array(inputFileSchema).max(maxFiles).optional(), stdin: z.string().optional() })
  .superRefine(refuseContradictions);
export type ExecutionRequest = z.infer<typeof executionRequestSchema>;

/**
 * The same of a caller inside the process: content may be bytes as well, and files and standard input may be named by
 * their path on the host, which nobody outside can do.
 */
export const hostRequestSchema = z
  .strictObject({
    ...fields,
    files: z.array(hostFileSchema).max(maxFiles).optional(),
    stdin: z.union([z.string(), bytes, z.strictObject({ path: hostPath })], "must be text, bytes or {path}").optional(),
  })
  .superRefine(refuseContradictions);
export type HostRequest = z.infer<typeof hostRequestSchema>;

/** A file for the working directory, from memory or from a path of the host. */
export type SpecFile =
  | { readonly name: string; readonly content: string | Uint8Array }
  | { readonly name: string; readonly path: string };

/** One program to run, as a caller inside the process writes it. `code`, or `files` with `entry`. */
export interface ExecutionSpec {
  /** Name or alias of a language. Default `python`. */
  readonly language?: string;
  readonly code?: string;
  readonly files?: readonly SpecFile[];
  readonly entry?: string;
  readonly stdin?: string | Uint8Array | { readonly path: string };
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, Value>>;
  readonly data?: Value;
  readonly limits?: Partial<Limits>;
  /** Limits of the compiler, for languages that have one, over the language's own. */
  readonly compileLimits?: Partial<Limits>;
  /** Options of the compiler, in their order, of those that the manifest of the language allows. */
  readonly compilerOptions?: readonly string[];
  readonly returnVariables?: readonly string[];
  readonly sampleIntervalMs?: number;
  readonly metadata?: Readonly<Record<string, Value>>;
}
