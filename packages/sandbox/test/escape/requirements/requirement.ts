import type { Dependency } from "../../support/dependency.ts";

/** One promise of the sandbox, and what an attacker would do if it were broken. */
export interface Requirement {
  /** What holds, as a sentence. */
  readonly promise: string;
  /** What an attacker gains without it. */
  readonly threat: string;
  /** What keeps it that differs between the users of a host; where that is another, its attacks are made again. */
  readonly dependsOn: readonly Dependency[];
}
