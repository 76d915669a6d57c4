import { type IsolationFeature, isolationFeatureSchema, ProblemError } from "@glovebox/protocol";
import { createSandboxes, type Sandboxes, type SandboxOptions } from "../../src/index.ts";

/** What has to be waived on this host, as the refusal names it. */
export function waiversOf(problem: ProblemError): IsolationFeature[] {
  return problem.errors.map(({ message }) => isolationFeatureSchema.parse(message.split(":")[0]));
}

/**
 * The options that a run of the suite asks for: `GLOVEBOX_TEST_CGROUPS=none` has every test go without cgroups,
 * so that limits kept by sampling are tested on hosts that have cgroups too.
 */
function asTested(options: SandboxOptions): SandboxOptions {
  return process.env["GLOVEBOX_TEST_CGROUPS"] === "none" ? { cgroups: "none", ...options } : options;
}

/** Makes sandboxes with every isolation feature that this user can have; waives what is missing. */
export async function openSandboxes(wanted: SandboxOptions = {}): Promise<Sandboxes> {
  const options = asTested(wanted);
  try {
    return await createSandboxes(options);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "isolation-missing") throw error;
    return createSandboxes({ ...options, waive: waiversOf(error) });
  }
}
