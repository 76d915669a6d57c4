import { type LimitName, limitNames } from "@glovebox/protocol";
import type { Flags } from "@glovebox/server/config";
import { flagName } from "./flag-name.ts";
import { mistake } from "./mistake.ts";
import { limitKinds, listOptions, type ServeFlags, serveOptions } from "./serve-options.ts";
import { parsePairs } from "./values.ts";

/** The options of `glovebox serve` as settings. Their values are judged where the environment is. */
export function settingFlags(flags: ServeFlags): Flags {
  const result: Flags = {};
  for (const { option, setting } of serveOptions) {
    const text = flags[flagName(option)];
    if (typeof text === "string") result[setting] = { option, text };
  }
  for (const { option, setting } of listOptions) {
    const texts = flags[flagName(option)];
    if (Array.isArray(texts)) result[setting] = { option, text: texts.join(",") };
  }
  for (const { option, kind } of limitKinds) {
    const texts = flags[flagName(option)];
    if (!Array.isArray(texts)) continue;
    for (const [name, text] of parsePairs(option, texts)) {
      if (!isLimitName(name))
        throw mistake(option, `there is no limit ${JSON.stringify(name)}; known: ${limitNames.join(", ")}`);
      result[`${kind}.${name}`] = { option: `${option} ${name}`, text };
    }
  }
  return result;
}

function isLimitName(name: string): name is LimitName {
  return limitNames.some((known) => known === name);
}
