import * as z from "zod";
import { type Limits, limitsSchema } from "./limits.ts";

/** A program and its arguments. Placeholders in braces are filled in as `docs/languages.md` lists them. */
const commandSchema = z.array(z.string().min(1)).min(1);

/** A regular expression of JavaScript that compiles. It must run in linear time: it reads what a program printed. */
const patternSchema = z.string().refine((text) => {
  try {
    new RegExp(text, "m");
    return true;
  } catch {
    return false;
  }
}, "must be a regular expression");

/** Some limits, without those that are not given. */
const someLimitsSchema = limitsSchema
  .partial()
  .transform(
    (limits): Partial<Limits> => Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)),
  )
  .prefault({});

/** How an error of the language is read from stderr; named groups `type`, `message`, `file` and `line`. */
const errorPatternSchema = z.strictObject({
  pattern: patternSchema,
  /** The type of the error where the pattern has no group for it. */
  type: z.string().optional(),
  /** Finds the frames of the stack behind the match; named groups `function`, `file` and `line`. */
  frame: patternSchema.optional(),
  /** The order in which the language prints its frames. The record has the innermost last. */
  frameOrder: z.enum(["innermost-first", "innermost-last"]).default("innermost-first"),
});
export type ErrorPattern = z.infer<typeof errorPatternSchema>;

/** Options of a compiler that a request may give. A pattern has to match a whole word. */
const compilerOptionSchema = z.strictObject({
  pattern: patternSchema,
  /** What the value may be, for options that have one. It is the next word. */
  value: patternSchema.optional(),
  /** What stands between an option and its value where both may be one word. */
  joined: z.enum(["", "="]).optional(),
  /** The options in the words of who reads that another one is refused. */
  help: z.string().min(1),
});
export type CompilerOption = z.infer<typeof compilerOptionSchema>;

const compileSchema = z.strictObject({
  /** Runs in the workspace and leaves its product below `{product}`. */
  command: commandSchema,
  /** Those that a request may give; they stand for `{options}` in the command. Default: none. */
  options: z.array(compilerOptionSchema).default([]),
  /** Extensions of the files that take part: only they are in the compiler's sandbox and in the key of the cache. */
  sources: z.array(z.string().startsWith(".")),
  /** What stands in a source that has the compiler read other files: all files of the request take part then. */
  embeds: patternSchema.optional(),
  /** Limits of the stage over the built-in ones. */
  limits: someLimitsSchema,
});

/** What a test program of the language does. The programs are in `examples/languages/NAME`. */
const testsSchema = z.strictObject({
  hello: z.strictObject({ stdout: z.string() }),
  bad: z.record(
    z.string(),
    z.strictObject({
      /** Fields of the outcome that must be there. */
      outcome: z.record(z.string(), z.json()).optional(),
      error: z.record(z.string(), z.json()).optional(),
      violations: z.array(z.string()).optional(),
    }),
  ),
});

/** What `runtime.json` in a folder below `runners/` says of a language. */
export const runtimeSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
    title: z.string(),
    aliases: z.array(z.string().regex(/^[^A-Z\s]+$/, "must be in small letters, without blanks")),
    extensions: z.array(z.string().startsWith(".")).min(1),
    /** The name of the file that inline code becomes in the workspace. */
    mainFile: z.string(),
    /** For a language whose files are text around programs: what opens one before inline code that has no match. */
    inlineCode: z.strictObject({ opening: z.string(), unless: patternSchema }).optional(),
    /** Placeholder -> names of programs of which one must be found. */
    tools: z.record(z.string().regex(/^[a-z][a-z0-9]*$/), z.array(z.string()).min(1)),
    version: z.strictObject({ command: commandSchema, pattern: patternSchema }),
    /** Debian packages that bring the tools. */
    packages: z.array(z.string()).min(1),
    /** Debian packages of libraries that programs expect, beyond the language itself. */
    dataPackages: z.array(z.string()).default([]),
    /** What programs can load besides the language itself. */
    libraries: z
      .strictObject({
        /** A program of the language, in its folder, that prints a line for each: its name, a tab, its version. */
        program: z.string().optional(),
        /** What a reader of the list, or of its lack, has to know. */
        note: z.string(),
      })
      .optional(),
    /** A folder with this file is a virtual environment, whose packages programs see; `check` says what is wrong with it. */
    virtualEnvironment: z.strictObject({ marker: z.string(), check: commandSchema }).optional(),
    /** npm packages, dependencies of Glovebox itself, that the runner uses, or single files of them. */
    npm: z.array(z.string()).default([]),
    /** Other languages whose folders the runner uses. */
    shares: z.array(z.string()).default([]),
    /** Entries of the host's /etc that the tools read; `*` stands for any characters. */
    etc: z.array(z.string().regex(/^[A-Za-z0-9._*-]+$/)).default([]),
    /** Constant variables of the program's environment. */
    environment: z.record(z.string(), z.string()).default({}),
    /**
     * How a program starts. `fork`: a copy of the nursery's own interpreter. `park`: an interpreter that was started
     * while the sandbox was made. `command`: a command that starts when the program is there.
     */
    start: z.enum(["fork", "park", "command"]),
    park: commandSchema.optional(),
    /** How a parked runner reads its task: a JSON object, or words that each end with a NUL byte. */
    taskFormat: z.enum(["json", "words"]).default("json"),
    run: commandSchema.optional(),
    compile: compileSchema.optional(),
    check: commandSchema.optional(),
    /** Makes what all later sandboxes of the language see read-only as `{warm}`. */
    warm: z.strictObject({ command: commandSchema, limits: someLimitsSchema }).optional(),
    /** The least limits with which a program of the language starts. */
    floor: someLimitsSchema,
    /** The runtime maps far more memory than it uses, so that its address space cannot be limited. */
    reservesAddressSpace: z.boolean().default(false),
    /** Errors, as `type: message`, by which a runtime with a heap of its own says that the memory limit was met. */
    outOfMemory: z.array(patternSchema).default([]),
    errors: z
      .strictObject({ compile: z.array(errorPatternSchema).default([]), run: z.array(errorPatternSchema).default([]) })
      .prefault({}),
    tests: testsSchema.optional(),
  })
  .superRefine((runtime, context) => {
    const wrong = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (runtime.start === "park" && runtime.park === undefined) wrong("park", "is needed, because 'start' is 'park'");
    if (runtime.start === "command" && runtime.run === undefined)
      wrong("run", "is needed, because 'start' is 'command'");
    if (runtime.virtualEnvironment !== undefined && runtime.start !== "fork")
      wrong("virtualEnvironment", "needs 'start' to be 'fork'");
    if (runtime.compile !== undefined && runtime.start !== "command") wrong("compile", "needs 'start' to be 'command'");
    const { options = [], command = [] } = runtime.compile ?? {};
    if (options.length > 0 && !command.includes("{options}"))
      wrong("compile", "needs '{options}' in its 'command', because it has 'options'");
  });
export type Runtime = z.infer<typeof runtimeSchema>;

/** A library that programs can load. */
export const languagePackageSchema = z.strictObject({
  name: z.string(),
  /** Null when it does not say. */
  version: z.string().nullable(),
});
export type LanguagePackage = z.infer<typeof languagePackageSchema>;

/** A language as callers see it. */
export const languageSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  aliases: z.array(z.string()),
  extensions: z.array(z.string()),
  /** What the toolchain calls its version; null when it is missing. */
  version: z.string().nullable(),
  available: z.boolean(),
  /** The command that installs the toolchain; null when it is there. */
  install: z.string().nullable(),
  /** What programs can load besides the language itself, if it was asked for; null when it could not be found out. */
  packages: z.array(languagePackageSchema).nullable().optional(),
  /** What has to be known of `packages`, if they were asked for. */
  packagesNote: z.string().nullable().optional(),
});
export type Language = z.infer<typeof languageSchema>;

/** A list of them, as it travels. */
export const languageListSchema = z.strictObject({ languages: z.array(languageSchema) });

/** Which languages are listed, and how much of them. */
export interface LanguageQuery {
  /** Names or aliases; all languages without. */
  readonly names?: readonly string[];
  /** List what programs can load, which runs a program in each language. */
  readonly packages?: boolean;
}
