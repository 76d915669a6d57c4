import { type Isolation, type IsolationFeature, ProblemError } from "@glovebox/protocol";
import { coverOfCgroups } from "./cgroups/index.ts";
import type { IdentityPlan } from "./identities.ts";

/** The isolation that sandboxes on this host have. */
export function describeIsolation(
  cgroups: Isolation["cgroups"],
  identities: IdentityPlan,
  waive: readonly IsolationFeature[],
): Isolation {
  const uids = identities.mode === "single" ? "shared" : "separate";
  const missing: IsolationFeature[] = [];
  if (cgroups === "none") missing.push("cgroups");
  if (uids === "shared") missing.push("separate-uids");
  return { backend: "namespaces", cgroups, uids, waived: missing.filter((name) => waive.includes(name)) };
}

function withoutCgroups(cover: { folder: string; type: string } | undefined): string {
  const reason =
    cover === undefined
      ? "no cgroup can be written by this user"
      : `a file system of type ${cover.type} is mounted over the cgroups in ${cover.folder}`;
  return `${reason}, so limits would be kept by sampling alone`;
}

/** Throws `isolation-missing` with everything that this host lacks and nobody waived. */
export function refuseMissing({ cgroups, uids, waived }: Isolation, cover = coverOfCgroups): void {
  const missing: [IsolationFeature, string][] = [];
  if (cgroups === "none" && !waived.includes("cgroups")) missing.push(["cgroups", withoutCgroups(cover())]);
  if (uids === "shared" && !waived.includes("separate-uids")) {
    missing.push(["separate-uids", "this user has no subordinate uids, so all sandboxes would share one uid"]);
  }
  if (missing.length === 0) return;
  const detail = missing
    .map(([name, reason]) => `${reason} (mend it as 'glovebox doctor' says, or --waive ${name})`)
    .join("; ");
  const errors = missing.map(([name, reason]) => ({ field: "waive", message: `${name}: ${reason}` }));
  throw new ProblemError("isolation-missing", detail, { errors });
}
