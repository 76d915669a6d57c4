import type { Flags } from "@glovebox/server/config";

/** Options of several commands that are repeatable and together make one setting, a list. */
const optionOf = { waive: "--waive", toolchains: "--toolchain" } as const;

/** A repeatable option as a setting; it replaces what the environment says. Not given, it changes nothing. */
export function listFlag(setting: keyof typeof optionOf, values: readonly string[]): Flags {
  return values.length === 0 ? {} : { [setting]: { option: optionOf[setting], text: values.join(",") } };
}
