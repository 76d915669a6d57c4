import type { Language, LanguageQuery } from "@glovebox/protocol";
import { listLanguages } from "@glovebox/sandbox";
import type { Config } from "@glovebox/server/config";
import type { OpenSandboxes } from "./local-target.ts";

/** The languages of this host. What programs can load is asked of programs, for which sandboxes are needed. */
export async function languagesHere(
  query: LanguageQuery,
  { toolchains }: Config,
  open: OpenSandboxes,
): Promise<readonly Language[]> {
  if (query.packages !== true) return listLanguages(toolchains, query.names);
  await listLanguages(toolchains, query.names ?? []); // refuses unknown names before anything is made
  const sandboxes = await open({ languages: [], pool: { min: 0, max: 1 } });
  return sandboxes.languages(query);
}
