import * as z from "zod";

/** Every problem that Glovebox reports to a caller: HTTP status, title, advice. One place, one list. */
export const problems = {
  "invalid-request": {
    status: 400,
    title: "The request is not valid",
    advice: "Mend the named fields and send it again.",
  },
  "invalid-json": { status: 400, title: "The body is not JSON", advice: "Send one JSON object in UTF-8." },
  "limit-over-ceiling": {
    status: 400,
    title: "A limit exceeds what this host allows",
    advice: "Ask for less, or let the operator raise the ceiling.",
  },
  "unknown-language": {
    status: 400,
    title: "The language is not known",
    advice: "Use one of the names that the message lists.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The content type is not supported",
    advice: "Send application/json.",
  },
  "payload-too-large": { status: 413, title: "The request is too large", advice: "Send less, or fewer files." },
  "not-found": { status: 404, title: "There is no such resource", advice: "Check the path." },
  "method-not-allowed": { status: 405, title: "The method is not allowed here", advice: "See the Allow header." },
  "forbidden-origin": {
    status: 403,
    title: "The request comes from a foreign web page or names a foreign host",
    advice: "Call the server by its address or as localhost, or let the operator allow the host name.",
  },
  "unreadable-file": { status: 400, title: "A file cannot be read", advice: "Check its path and permissions." },
  "invalid-configuration": {
    status: 400,
    title: "A setting is not valid",
    advice: "Mend the named environment variables or options and start again.",
  },
  "language-unavailable": {
    status: 501,
    title: "The language's toolchain is not installed on this host",
    advice: "Install it with the command that the message names, or use another language.",
  },
  "sandbox-busy": {
    status: 503,
    title: "No sandbox became free in time",
    advice: "Try again later, or raise the pool's maximum.",
  },
  "sandbox-unavailable": {
    status: 503,
    title: "This host cannot make sandboxes",
    advice: "Run `glovebox doctor`: it names what is missing and the command that mends it.",
  },
  "isolation-missing": {
    status: 503,
    title: "An isolation feature is missing on this host",
    advice: "Mend it as `glovebox doctor` says, or waive it by name with --waive.",
  },
  "server-unreachable": {
    status: 502,
    title: "The server cannot be reached, or what answered is no server of Glovebox",
    advice: "Check the address, and that `glovebox serve` runs there.",
  },
  "execution-running": {
    status: 409,
    title: "The execution is not over",
    advice: "Cancel it first, or wait for its end.",
  },
  "content-not-kept": {
    status: 410,
    title: "The content was not kept",
    advice: "Fetch artifacts soon after the run, or let the operator raise --keep-bytes.",
  },
  "range-not-satisfiable": {
    status: 416,
    title: "The range is not in the content",
    advice: "Ask for a range below the size that the Content-Range header names.",
  },
  closed: { status: 503, title: "The server is shutting down", advice: "Send the request to another server." },
  "internal-error": { status: 500, title: "Something went wrong inside Glovebox", advice: "Look into the log." },
} as const satisfies Record<string, { status: number; title: string; advice: string }>;

export type ProblemCode = keyof typeof problems;

/** One field that broke one rule. */
export const fieldErrorSchema = z.strictObject({
  /** Path of the field, for instance `limits.timeoutMs` or `files[0].name`. */
  field: z.string(),
  /** The rule that was broken and what to change. */
  message: z.string(),
});
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** A problem as it travels over HTTP (RFC 9457, `application/problem+json`). */
export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
  advice: z.string(),
  errors: z.array(fieldErrorSchema),
});
export type Problem = z.infer<typeof problemSchema>;

/** The caller's mistake, or a state of the host that the caller must know. Never the program's own failure. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];

  constructor(code: ProblemCode, detail: string, options: { errors?: readonly FieldError[]; cause?: unknown } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ProblemError";
    this.code = code;
    this.errors = options.errors ?? [];
  }

  /** The problem that somebody else told. */
  static of({ code, detail, errors }: Problem): ProblemError {
    return new ProblemError(code, detail, { errors });
  }

  /** A problem of one or more fields; its detail names each of them with its rule. */
  static ofFields(code: ProblemCode, errors: readonly FieldError[], cause?: unknown): ProblemError {
    const detail = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
    return new ProblemError(code, detail, { errors, ...(cause === undefined ? {} : { cause }) });
  }

  /** The same problem with its fields under other names, for a caller who knows them by these: options, variables. */
  renamed(nameOf: (field: string) => string): ProblemError {
    if (this.errors.length === 0) return this;
    const told = (errors: readonly FieldError[]) =>
      errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
    const errors = this.errors.map(({ field, message }) => ({ field: nameOf(field), message }));
    const detail = this.message.replace(told(this.errors), () => told(errors));
    return new ProblemError(this.code, detail, { errors, cause: this });
  }

  toProblem(): Problem {
    const { status, title, advice } = problems[this.code];
    return {
      type: `urn:glovebox:problem:${this.code}`,
      title,
      status,
      detail: this.message,
      code: this.code,
      advice,
      errors: [...this.errors],
    };
  }
}
