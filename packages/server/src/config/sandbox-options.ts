import { type Defined, definedOnly } from "../defined.ts";
import type { Config } from "./settings.ts";

type Always = Pick<Config, "waive" | "toolchains" | "ceiling"> & { readonly defaults: Config["default"] };
type IfSet = Pick<Config, "cacheDir" | "runtimeDir" | "leaseTimeoutMs" | "concurrency">;

/** The part of the settings that every process with sandboxes follows, whatever it does with them. */
export function sandboxOptions(config: Config): Always & Defined<IfSet> {
  const { waive, toolchains, ceiling, cacheDir, runtimeDir, leaseTimeoutMs, concurrency } = config;
  return {
    waive,
    toolchains,
    defaults: config.default,
    ceiling,
    ...definedOnly({ cacheDir, runtimeDir, leaseTimeoutMs, concurrency }),
  };
}
