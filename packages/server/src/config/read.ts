import { defaultCeiling, type FieldError, limitNames, nearest, ProblemError } from "@glovebox/protocol";
import { type Config, type SettingName, settingNames, settingsSchema } from "./settings.ts";

/** `poolMin` is `GLOVEBOX_POOL_MIN`; `ceiling.memoryBytes` is `GLOVEBOX_CEILING_MEMORY_BYTES`. */
export function variableOf(setting: string): string {
  return `GLOVEBOX_${setting
    .replace(".", "_")
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

const settingOf = new Map<string, SettingName>(settingNames.map((name) => [variableOf(name), name]));
/** Variables of the bootstrap script, of clients and of the test tools; they are judged there. */
const foreign = /^GLOVEBOX_(NO_INSTALL|SERVER|VM_.*|TEST_.*)$/;

type Texts = Partial<Record<SettingName, string>>;

function fromEnvironment(environment: NodeJS.ProcessEnv): Texts {
  const texts: Texts = {};
  const unknown: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || !variable.startsWith("GLOVEBOX_") || foreign.test(variable)) continue;
    const setting = settingOf.get(variable);
    if (setting === undefined) unknown.push(variable);
    else texts[setting] = text;
  }
  if (unknown.length > 0) {
    throw refusal(unknown.map((field) => ({ field, message: mendOfUnknown(field) })));
  }
  return texts;
}

function mendOfUnknown(variable: string): string {
  const known = [...settingOf.keys()];
  const meant = nearest(variable, known);
  const suggestion = meant === undefined ? "" : `did you mean ${meant}? `;
  return `unknown variable; ${suggestion}the known ones are ${known.join(", ")}`;
}

/** Settings as text, with the option each came from. They win over the environment. */
export type Flags = Partial<Record<SettingName, { readonly option: string; readonly text: string }>>;

/**
 * Reads the settings of this process, once at its start.
 * Throws `ProblemError` `invalid-configuration`, with one entry per broken variable or option.
 */
export function readConfig(environment: NodeJS.ProcessEnv, flags: Flags = {}): Config {
  const texts: Texts = fromEnvironment(environment);
  for (const name of settingNames) {
    const flag = flags[name];
    if (flag !== undefined) texts[name] = flag.text;
  }
  const source = sourceOf(flags);

  const parsed = settingsSchema.safeParse(nested(texts));
  if (!parsed.success) {
    throw refusal(
      parsed.error.issues.map(({ path, message }) => {
        const depth = path[0] === "default" || path[0] === "ceiling" ? 2 : 1;
        return { field: source(path.slice(0, depth).join(".")), message };
      }),
    );
  }
  const errors = contradictions(parsed.data, source);
  if (errors.length > 0) throw refusal(errors);
  return Object.freeze(parsed.data);
}

/** `{"ceiling.memoryBytes": "1"}` as `{ceiling: {memoryBytes: "1"}}`. */
function nested(texts: Texts): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    const [group = "", member] = name.split(".");
    result[group] = member === undefined ? text : { ...(result[group] as object | undefined), [member]: text };
  }
  return result;
}

function contradictions(config: Config, source: (setting: string) => string): FieldError[] {
  const errors: FieldError[] = [];
  if (config.poolMin !== undefined && config.poolMax !== undefined && config.poolMin > config.poolMax) {
    errors.push({ field: source("poolMin"), message: `must not exceed ${source("poolMax")}` });
  }
  for (const name of limitNames) {
    const highest = config.ceiling[name] ?? defaultCeiling[name];
    // A built-in default over a ceiling is no mistake: the sandboxes lower it.
    if ((config.default[name] ?? 0) > highest) {
      errors.push({
        field: source(`default.${name}`),
        message: `must not exceed ${source(`ceiling.${name}`)}, which is ${highest}`,
      });
    }
  }
  return errors;
}

/** The option that gave a setting, else its variable. */
function sourceOf(flags: Flags): (setting: string) => string {
  return (setting) => flags[setting as SettingName]?.option ?? variableOf(setting);
}

/**
 * The same problem in the words of whoever made the settings: what refuses them later, when it looks at this host,
 * knows them as fields of its options.
 */
export function namingSettings(error: unknown, flags: Flags = {}): unknown {
  if (!(error instanceof ProblemError) || error.code !== "invalid-configuration") return error;
  const source = sourceOf(flags);
  return error.renamed((field) => {
    const setting = field.replace(/\[.*$/, "");
    return settingNames.some((name) => name === setting) ? source(setting) : field;
  });
}

const refusal = (errors: readonly FieldError[]) => ProblemError.ofFields("invalid-configuration", errors);
