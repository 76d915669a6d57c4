import { it } from "vitest";
import { type RequirementId, requirements } from "../escape/requirements.ts";

/** A test that proves a requirement of the manifest. `variant` tells apart the tests of one requirement. */
export function proves(id: RequirementId, variant: string, body: () => Promise<void>): void {
  it(`${id}: ${requirements[id].promise}${variant === "" ? "" : ` (${variant})`}`, body);
}
