import type { Isolation } from "@glovebox/protocol";
import { it } from "vitest";
import { controlsRun, isDeclared } from "../escape/repeated.ts";
import type { Requirement } from "../escape/requirements/requirement.ts";
import { type RequirementId, requirements } from "../escape/requirements.ts";
import type { Dependency } from "./dependency.ts";

/** The requirement that the running test proves. */
let proving: RequirementId | undefined;

/**
 * A test that proves a requirement of the manifest. `variant` tells apart the tests of one requirement; one that begins
 * with `control` is no attack. What this run does not repeat is not declared.
 */
export function proves(id: RequirementId, variant: string, body: () => Promise<void>): void {
  if (!isDeclared(id) || (variant.startsWith("control") && !controlsRun)) return;
  it(`${id}: ${requirements[id].promise}${variant === "" ? "" : ` (${variant})`}`, () => whileProving(id, body));
}

/** Runs the body of a test of a requirement. */
export async function whileProving(id: RequirementId, body: () => Promise<void>): Promise<void> {
  proving = id;
  try {
    await body();
  } finally {
    proving = undefined;
  }
}

/** The isolation for tests to look at: what they read of it, their requirement has to depend on. */
export function readByTests(isolation: Isolation): Isolation {
  const reads = (dependency: Dependency) => {
    if (proving === undefined) return;
    const { dependsOn }: Requirement = requirements[proving];
    if (!dependsOn.includes(dependency)) {
      throw new Error(`a test of ${proving} reads the isolation: its 'dependsOn' has to name "${dependency}"`);
    }
  };
  return {
    ...isolation,
    get uids() {
      reads("identity");
      return isolation.uids;
    },
    get cgroups() {
      reads("cgroups");
      return isolation.cgroups;
    },
  };
}
