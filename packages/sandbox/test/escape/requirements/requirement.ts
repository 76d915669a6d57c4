/** One promise of the sandbox, and what an attacker would do if it were broken. */
export interface Requirement {
  /** What holds, as a sentence. */
  readonly promise: string;
  /** What an attacker gains without it. */
  readonly threat: string;
}
