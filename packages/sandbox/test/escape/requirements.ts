import { ofFiles } from "./requirements/files.ts";
import { ofInterpreters } from "./requirements/interpreters.ts";
import { ofKernel } from "./requirements/kernel.ts";
import { ofNetwork } from "./requirements/network.ts";
import { ofPrivileges } from "./requirements/privileges.ts";
import { ofProcesses } from "./requirements/processes.ts";
import { ofResources } from "./requirements/resources.ts";
import { ofResults } from "./requirements/results.ts";

/**
 * What no program can do, whatever it tries. Each entry is proved by at least one attack in this folder;
 * `manifest.test.ts` sees to it.
 */
export const requirements = {
  ...ofProcesses,
  ...ofResources,
  ...ofKernel,
  ...ofFiles,
  ...ofPrivileges,
  ...ofNetwork,
  ...ofResults,
  ...ofInterpreters,
} as const;

export type RequirementId = keyof typeof requirements;
