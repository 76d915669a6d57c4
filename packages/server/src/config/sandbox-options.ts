import { definedOnly } from "../defined.ts";
import type { Config } from "./settings.ts";

/** The part of the settings that every process with sandboxes follows, whatever it does with them. */
export function sandboxOptions(config: Config) {
  const { waive, runtimeDir, leaseTimeoutMs, concurrency } = config;
  return {
    waive,
    defaults: config.default,
    ceiling: config.ceiling,
    ...definedOnly({ runtimeDir, leaseTimeoutMs, concurrency }),
  };
}
