import { runtimes } from "./registry.ts";

/**
 * The name of the language that an interpreter runs, by the name of its program: a name or an alias of the language, or
 * one of its tools, with or without a version behind it (`python3.11`). Undefined for one that no manifest knows.
 */
export function languageOfInterpreter(program: string): string | undefined {
  const all = runtimes();
  for (const word of new Set([program, program.replace(/[\d.-]+$/, "")])) {
    const byName = all.find(({ name, aliases }) => [name, ...aliases].includes(word.toLowerCase()));
    if (byName !== undefined) return byName.name;
    // Two languages may share a tool; it is then an alias of the one whose programs it runs as they are.
    const byTool = all.find(({ tools }) => Object.values(tools).some((programs) => programs.includes(word)));
    if (byTool !== undefined) return byTool.name;
  }
  return undefined;
}
