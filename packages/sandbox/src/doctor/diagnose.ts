import type { IsolationFeature } from "@glovebox/protocol";
import type { Check, Diagnosis } from "../api.ts";
import { checkLanguages } from "./languages.ts";
import { checkCgroups, checkIdentities } from "./limits-and-ids.ts";
import { checkNamespaces } from "./namespaces.ts";
import { checkTools } from "./tools.ts";

/** Checks whose absence can be waived, with the name of the waiver. */
const waivable: Readonly<Record<string, IsolationFeature>> = {
  cgroups: "cgroups",
  "subordinate-uids": "separate-uids",
};

/**
 * Looks at what the host offers. Changes nothing on it; the one thing it starts is bubblewrap with an empty
 * sandbox, as the proof that namespaces can be made. A waived feature counts as degraded, not as missing.
 */
export async function diagnose(options: { readonly waive?: readonly string[] } = {}): Promise<Diagnosis> {
  const tools = checkTools();
  const found: Check[] = [
    ...tools,
    ...checkNamespaces(),
    checkCgroups(),
    checkIdentities(),
    ...(await checkLanguages()),
  ];
  const checks = found.map((check): Check => {
    const waiver = waivable[check.id];
    const waived = waiver !== undefined && options.waive?.includes(waiver) === true;
    if (check.status !== "missing" || !waived) return check;
    return { ...check, status: "degraded", found: `${check.found} (waived: ${waiver})` };
  });
  return { usable: checks.every((check) => check.status !== "missing"), checks };
}
