import type { FinishedFrame } from "@glovebox/protocol";

/** Warnings kept of those that a warden has. */
const maxWarnings = 100;
/** Artifacts left out that have a warning each; more of them share one, with some names for each reason. */
const toldApart = 20;
const namesOfReason = 3;

/** The warnings that the last frame of a warden gives rise to. */
export function finalWarnings(frame: FinishedFrame): string[] {
  return [...frame.warnings.slice(0, maxWarnings), ...leftOut(frame)];
}

/** What stays in the sandbox. The warden has escaped the names: they are shown as they come. */
function leftOut({ skipped, notListed }: FinishedFrame): string[] {
  if (skipped.length <= toldApart && notListed === 0) {
    return skipped.map(({ path, reason }) => `artifact "${path}" was left out: ${reason}`);
  }
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of skipped) byReason.set(reason, [...(byReason.get(reason) ?? []), `"${path}"`]);
  const parts = [...byReason].map(([reason, names]) => {
    const more = names.length - namesOfReason;
    return `${reason} (${names.slice(0, namesOfReason).join(", ")}${more > 0 ? ` and ${more} more` : ""})`;
  });
  if (notListed > 0) parts.push(`${notListed} more that are not listed`);
  return [`${skipped.length + notListed} artifacts were left out: ${parts.join("; ")}`];
}
