import {
  type CompilerOption,
  compilerOptionsSchema,
  type FieldError,
  fieldPath,
  ProblemError,
  type Runtime,
} from "@glovebox/protocol";

/*
 * Options of a request are words of the compiler's command line. A compiler has options that read files, load code into
 * it or put its product elsewhere, so only those are passed on that a pattern of the manifest matches whole: what nobody
 * thought of is refused.
 */

const field = "compilerOptions";

/** Throws `invalid-request`, with an entry for each option that the language does not allow. */
export function checkCompilerOptions(runtime: Runtime, options: readonly string[]): void {
  if (options.length === 0) return;
  const { title, compile } = runtime;
  const allowed = compile?.options ?? [];
  if (allowed.length === 0) {
    throw refused([{ field, message: `${title} has no compiler that takes options` }]);
  }
  const parsed = compilerOptionsSchema.safeParse(options);
  if (!parsed.success) {
    const { issues } = parsed.error;
    throw refused(issues.map(({ path, message }) => ({ field: fieldPath([field, ...path]), message })));
  }
  const errors: FieldError[] = [];
  for (let index = 0; index < options.length; ) {
    const { words, wrong, message } = judge(allowed, options[index] ?? "", options[index + 1]);
    if (message !== undefined) errors.push({ field: `${field}[${index + wrong}]`, message });
    index += words;
  }
  const [first, ...others] = errors;
  if (first === undefined) return;
  const list = allowed.map(({ help }) => help).join("; ");
  throw refused([{ ...first, message: `${first.message}; ${title} allows: ${list}` }, ...others]);
}

/** How many words belong to an option; which of them is wrong, and what is wrong with it. */
interface Judgement {
  readonly words: number;
  readonly wrong: number;
  readonly message?: string;
}

function judge(allowed: readonly CompilerOption[], option: string, next: string | undefined): Judgement {
  const quoted = JSON.stringify(option);
  if (allowed.some((each) => matchesWhole(oneWord(each), option))) return { words: 1, wrong: 0 };
  const known = allowed.filter(({ pattern, value }) => value !== undefined && matchesWhole(pattern, option));
  if (known.length === 0) return { words: 1, wrong: 0, message: `${quoted} is not allowed` };
  if (next === undefined) return { words: 1, wrong: 0, message: `${quoted} needs its value as the next option` };
  if (known.some(({ value }) => matchesWhole(value, next))) return { words: 2, wrong: 0 };
  return { words: 2, wrong: 1, message: `${JSON.stringify(next)} is not allowed as the value of ${quoted}` };
}

/** What the option is in one word; undefined where its value has to be a word of its own. */
function oneWord({ pattern, value, joined }: CompilerOption): string | undefined {
  if (value === undefined) return pattern;
  return joined === undefined ? undefined : `(?:${pattern})${joined}(?:${value})`;
}

function matchesWhole(pattern: string | undefined, text: string): boolean {
  return pattern !== undefined && new RegExp(`^(?:${pattern})$`).test(text);
}

function refused(errors: FieldError[]): ProblemError {
  const detail = errors.map((error) => `${error.field}: ${error.message}`).join("; ");
  return new ProblemError("invalid-request", detail, { errors });
}
