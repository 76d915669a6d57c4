import type { FinishedExecution, ProgramEnd } from "./execution.ts";
import type { Value } from "./value.ts";

/** What of a finished execution is its owner's to say: whose it is, when it was, and under which limits. */
export type ExecutionHead = Pick<
  FinishedExecution,
  "id" | "language" | "limits" | "createdAt" | "finishedAt" | "findings"
> & {
  readonly compileLimits?: FinishedExecution["compileLimits"] | undefined;
  readonly metadata?: Readonly<Record<string, Value>> | undefined;
  readonly startedAt?: string | undefined;
};

/** The record of an execution that is over. */
export function finishedExecution(head: ExecutionHead, end: ProgramEnd): FinishedExecution {
  const { id, language, limits, compileLimits, metadata, createdAt, startedAt, finishedAt, findings } = head;
  return {
    id,
    status: "finished",
    language,
    createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    finishedAt,
    limits,
    ...(compileLimits === undefined ? {} : { compileLimits }),
    ...end,
    findings,
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
  };
}
