import type { IsolationFeature } from "@glovebox/protocol";
import type { Check, Diagnosis, SandboxOptions } from "../api.ts";
import { checkToolchainFolders } from "../languages/toolchain.ts";
import { checkFonts } from "./fonts.ts";
import { checkLanguages } from "./languages.ts";
import { checkCgroups, checkIdentities } from "./limits-and-ids.ts";
import { checkNamespaces } from "./namespaces.ts";
import { checkRuntimeFolder } from "./runtime-folder.ts";
import { checkTools } from "./tools.ts";

/** Checks whose absence can be waived, with the name of the waiver. */
const waivable: Readonly<Record<string, IsolationFeature>> = {
  cgroups: "cgroups",
  "subordinate-uids": "separate-uids",
};

/** How sandboxes would be set up; see `SandboxOptions`. */
export type DiagnoseOptions = Pick<SandboxOptions, "toolchains" | "runtimeDir"> & {
  /** Names of features, as `SandboxOptions` has them; others are passed over. */
  readonly waive?: readonly string[];
};

/**
 * Looks at what the host offers. Throws `invalid-configuration` for a folder that cannot be a toolchain. Changes nothing on it; the one thing it starts is bubblewrap with an empty
 * sandbox, as the proof that namespaces can be made. A waived feature counts as degraded, not as missing.
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { waive = [], toolchains = [], runtimeDir } = options;
  checkToolchainFolders(toolchains);
  const tools = checkTools();
  const found: Check[] = [
    ...tools,
    ...checkNamespaces(),
    checkCgroups(),
    checkIdentities(),
    checkRuntimeFolder(runtimeDir),
    ...(await checkLanguages(toolchains)),
    checkFonts(),
  ];
  const checks = found.map((check): Check => {
    const waiver = waivable[check.id];
    const waived = waiver !== undefined && waive.includes(waiver);
    if (check.status !== "missing" || !waived) return check;
    return { ...check, status: "degraded", found: `${check.found} (waived: ${waiver})` };
  });
  return { usable: checks.every((check) => check.status !== "missing"), checks };
}
