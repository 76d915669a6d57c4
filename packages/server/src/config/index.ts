export { amountRule, amountText, type Measure, parseAmount } from "./amount.ts";
export { type Flags, namingSettings, readConfig, variableOf } from "./read.ts";
export { sandboxOptions } from "./sandbox-options.ts";
export { type Config, type SettingName, settingNames } from "./settings.ts";
