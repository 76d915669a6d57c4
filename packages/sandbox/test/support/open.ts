import { type IsolationFeature, isolationFeatureSchema, ProblemError } from "@glovebox/protocol";
import { createSandboxes, type Sandboxes, type SandboxOptions } from "../../src/index.ts";

/** What has to be waived on this host, as the refusal names it. */
export function waiversOf(problem: ProblemError): IsolationFeature[] {
  return problem.errors.map(({ message }) => isolationFeatureSchema.parse(message.split(":")[0]));
}

/** Makes sandboxes with every isolation feature that this user can have; waives what is missing. */
export async function openSandboxes(options: SandboxOptions = {}): Promise<Sandboxes> {
  try {
    return await createSandboxes(options);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "isolation-missing") throw error;
    return createSandboxes({ ...options, waive: waiversOf(error) });
  }
}
