import { parseResultLine, type RunnerMessage } from "@glovebox/protocol";

/** Lines of one file that are reported as broken; the rest of them is counted. */
const maxReported = 10;
/** Broken lines after which the file is not read on: each costs time that all share (8 MiB of them took a minute). */
const brokenBeforeGivingUp = 100;
/** Lines that are read of one file, for the same reason (8 MiB of blank ones took 0.6 s). */
const maxLines = 100_000;

type Result = Extract<RunnerMessage, { type: "result" }>;

/** Reads what a program wrote to `$GLOVEBOX_RESULTS`: one object with `name` and `value` a line. */
export function readResults(text: string): { results: Result[]; warnings: string[] } {
  const results: Result[] = [];
  const warnings: string[] = [];
  let broken = 0;
  let read = 0;
  const lines = text.replace(/\n$/, "").split("\n", maxLines + 1);
  for (const line of lines.slice(0, maxLines)) {
    if (broken >= brokenBeforeGivingUp) break;
    read += 1;
    if (line.trim() === "") continue;
    const result = parseResultLine(line);
    if (result !== undefined) results.push({ type: "result", ...result });
    else if (++broken <= maxReported) {
      warnings.push(`results: line ${read} was left out: it must be a JSON object {"name": text, "value": any}`);
    }
  }
  if (broken > maxReported) warnings.push(`results: ${broken - maxReported} more lines were left out`);
  if (read < lines.length) warnings.push(`results: nothing was read behind line ${read}`);
  return { results, warnings };
}
