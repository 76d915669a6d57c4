/** The outcome of a program, or of its compiler, that ended by itself. */
export function exited(code: number, stage: "run" | "compile" = "run") {
  return { kind: "exited", code, stage, violations: [] } as const;
}
