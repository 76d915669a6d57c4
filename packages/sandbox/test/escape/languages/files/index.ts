import type { Theme } from "../theme.ts";
import { around } from "./around.ts";
import { kernelSecrets, readOnlyInputs } from "./contents.ts";
import { paths, settingOfANamespace } from "./paths.ts";

/*
 * Files of the host, of neighbours and of the kernel, and what /proc tells of others. Paths are told in the variable
 * PATHS, one a line, so that all languages try the same.
 */

export const files: Theme = {
  title: "files of the host and of neighbours",
  surveys: [around, paths, settingOfANamespace],
  attacks: [readOnlyInputs, kernelSecrets],
};
