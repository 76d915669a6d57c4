import type { FinishedExecution } from "@glovebox/protocol";
import { outcomeText } from "./outcome-text.ts";

const shownNames = 20;
const shownCompilerLines = 50;

/** What to say on stderr after the program's own output; empty when there is nothing worth it. */
export function executionLines(execution: FinishedExecution, keepsFiles: boolean): string[] {
  const lines = [...compilerLines(execution), ...outcomeText(execution)];
  for (const warning of execution.warnings) lines.push(`warning: ${warning}`);
  if (keepsFiles) return lines;
  for (const [name, value] of Object.entries(execution.results)) lines.push(`result ${name} = ${short(value)}`);
  for (const [name, value] of Object.entries(execution.variables)) lines.push(`variable ${name} = ${short(value)}`);
  const dropped = [count(execution.displays.length, "display"), count(execution.artifacts.length, "file")].flat();
  if (dropped.length > 0) lines.push(`${dropped.join(" and ")} not kept; --out DIR keeps them`);
  return lines;
}

/** What a compiler said that succeeded. One that failed has been heard already: its output is that of the run. */
function compilerLines({ compile, outcome }: FinishedExecution): string[] {
  if (compile === undefined || outcome.stage === "compile") return [];
  const said = `${compile.stdout}\n${compile.stderr}`.split("\n").filter((line) => line.trim() !== "");
  const lines = said.slice(0, shownCompilerLines).map((line) => `compiler: ${line.trimEnd()}`);
  const more = said.length - lines.length;
  return more > 0 ? [...lines, `compiler: ... and ${more} more lines, which --json has`] : lines;
}

/** Where the files are, in one line; none when there are none. */
export function writtenLine(folder: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
  return [`written to ${folder}: ${names.slice(0, shownNames).join(", ")}${more}`];
}

function count(number: number, what: string): string[] {
  if (number === 0) return [];
  return [`${number} ${what}${number === 1 ? "" : "s"}`];
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
