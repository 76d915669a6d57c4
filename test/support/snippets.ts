import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../checkout.ts";

/** A fenced block of a document. */
export interface Snippet {
  /** `README.md:14`, where its fence begins. */
  readonly place: string;
  /** First word of its info string; empty when there is none. */
  readonly language: string;
  /** The words after it. */
  readonly marks: readonly string[];
  readonly text: string;
}

/** The fenced blocks of a Markdown file. */
export function snippetsOf(document: string): Snippet[] {
  const source = readFileSync(join(root, document), "utf8");
  return [...source.matchAll(/^```([^\n`]*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [language = "", ...marks] = (match[1] ?? "").trim().split(/\s+/);
    const line = source.slice(0, match.index).split("\n").length;
    return { place: `${document}:${line}`, language, marks, text: match[2] ?? "" };
  });
}

/** The statements of a shell script: as many lines together as Bash needs to understand them. */
export function statementsOf(script: string): string[] {
  const statements: string[] = [];
  let open = "";
  for (const line of script.trimEnd().split("\n")) {
    open += `${line}\n`;
    if (line.endsWith("\\")) continue;
    const { status, stderr } = spawnSync("bash", ["-n", "-c", open], { encoding: "utf8" });
    if (status !== 0 || stderr !== "") continue;
    statements.push(open.trimEnd());
    open = "";
  }
  if (open !== "") throw new Error(`Bash does not understand: ${open}`);
  return statements.filter((statement) => statement !== "");
}
