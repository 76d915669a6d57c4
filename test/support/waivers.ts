import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type IsolationFeature, isolationFeatureSchema } from "@glovebox/protocol";
import { z } from "zod";
import { root } from "../checkout.ts";

const diagnosisSchema = z.object({ checks: z.array(z.object({ id: z.string(), status: z.string() })) });

/** Checks of `glovebox doctor` that can be missing for one user of a host, and the waiver for each. */
const waiverOf: Readonly<Record<string, IsolationFeature>> = {
  cgroups: "cgroups",
  "subordinate-uids": "separate-uids",
};

let missing: readonly IsolationFeature[] | undefined;

/** The isolation features that this user lacks on this host, as `glovebox doctor` finds them. */
export function missingFeatures(): readonly IsolationFeature[] {
  if (missing === undefined) {
    const main = join(root, "packages/cli/dist/main.js");
    const { stdout } = spawnSync(process.execPath, [main, "doctor", "--json"], {
      encoding: "utf8",
      env: { PATH: process.env.PATH },
    });
    missing = diagnosisSchema
      .parse(JSON.parse(stdout))
      .checks.filter((check) => check.status === "missing")
      .flatMap(({ id }) => waiverOf[id] ?? [])
      .map((name) => isolationFeatureSchema.parse(name));
  }
  return missing;
}

/** Variables that waive what this host lacks, and nothing where it lacks nothing. */
export function waivers(): Record<string, string> {
  return missingFeatures().length === 0 ? {} : { GLOVEBOX_WAIVE: missingFeatures().join(",") };
}
