import { definedOnly } from "../defined.ts";
import type { Config } from "./settings.ts";

/** The part of the settings that every process with sandboxes follows, whatever it does with them. */
export function sandboxOptions(config: Config) {
  const { waive, toolchains, cacheDir, runtimeDir, leaseTimeoutMs, concurrency } = config;
  return {
    waive,
    toolchains,
    defaults: config.default,
    ceiling: config.ceiling,
    ...definedOnly({ cacheDir, runtimeDir, leaseTimeoutMs, concurrency }),
  };
}
