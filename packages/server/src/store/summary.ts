import type { Execution, ExecutionSummary } from "@glovebox/protocol";

/** The line of a list for an execution. */
export function summaryOf(execution: Execution): ExecutionSummary {
  const { id, status, language, createdAt } = execution;
  return {
    ...{ id, status, language, createdAt },
    ...("startedAt" in execution && execution.startedAt !== undefined ? { startedAt: execution.startedAt } : {}),
    ...("finishedAt" in execution ? { finishedAt: execution.finishedAt } : {}),
    ...("outcome" in execution ? { outcome: execution.outcome } : {}),
    ...("problem" in execution ? { problem: execution.problem } : {}),
  };
}

export function isOver({ status }: Pick<ExecutionSummary, "status">): boolean {
  return status === "finished" || status === "rejected";
}
