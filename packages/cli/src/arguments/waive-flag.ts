import type { Flags } from "@glovebox/server/config";

/** `--waive` as a setting; it replaces what the environment waives. */
export function waiveFlag(features: readonly string[]): Flags {
  return features.length === 0 ? {} : { waive: { option: "--waive", text: features.join(",") } };
}
