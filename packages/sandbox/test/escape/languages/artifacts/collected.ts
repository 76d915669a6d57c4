/** The end of a program whose files are collected. */
export const ran = { kind: "exited", code: 0, violations: [], stage: "run" };
export const paths = (execution: { artifacts: readonly { path: string }[] }) =>
  execution.artifacts.map(({ path }) => path);
export const onlyReal = {
  why: "on the host links, pipes and names like these are made as easily; see the report inside",
};
