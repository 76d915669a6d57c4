import type { FinishedExecution, ProgramEnd } from "./execution.ts";
import type { Limits } from "./limits.ts";
import type { Value } from "./value.ts";

/** What the owner of an execution knows of it, besides how its program ended. */
export interface ExecutionHead {
  readonly id: string;
  readonly language: string;
  readonly limits: Limits;
  readonly compileLimits?: Limits | undefined;
  readonly metadata?: Readonly<Record<string, Value>> | undefined;
  readonly createdAt: string;
  readonly startedAt?: string | undefined;
  readonly finishedAt: string;
  readonly findings?: FinishedExecution["findings"];
}

/** The record of an execution that is over. */
export function finishedExecution(head: ExecutionHead, end: ProgramEnd): FinishedExecution {
  const { id, language, limits, compileLimits, metadata, createdAt, startedAt, finishedAt, findings = [] } = head;
  return {
    id,
    status: "finished",
    language,
    limits,
    ...(compileLimits === undefined ? {} : { compileLimits }),
    createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    finishedAt,
    ...end,
    findings,
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
  };
}
