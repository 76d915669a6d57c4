import { type Language, type LanguageQuery, languageListSchema } from "@glovebox/protocol";
import { Connection, type Patience } from "../remote/connection.ts";
import { ServerRun } from "../remote/server-run.ts";
import type { Target } from "./target.ts";

/** A running server. It has the languages, the limits and the sandboxes, so that nothing of them is asked here. */
export function serverTarget(server: URL, patience?: Patience): Target {
  const connection = new Connection(server, patience);
  const languages = async (query: LanguageQuery): Promise<readonly Language[]> =>
    (await connection.askJson(languageListSchema, { path: `v1/languages${queryText(query)}` })).languages;
  return {
    run: (request, io) => new ServerRun(connection, request, io),
    languages,
    async languageOfInterpreter(program) {
      const all = await languages({});
      const language = languageOf(all, program) ?? languageOf(all, program.replace(/[\d.-]+$/, ""));
      return { ...(language === undefined ? {} : { language }), known: all.map(({ name }) => name) };
    },
    async close() {
      connection.close();
    },
  };
}

function queryText({ names = [], packages = false }: LanguageQuery): string {
  const query = new URLSearchParams(names.map((name): [string, string] => ["language", name]));
  if (packages) query.set("packages", "true");
  return query.size === 0 ? "" : `?${query}`;
}

/** By name or alias. What else the server's languages are called by, the names of their tools, it does not tell. */
function languageOf(all: readonly Language[], program: string): string | undefined {
  return all.find(({ name, aliases }) => [name, ...aliases].includes(program.toLowerCase()))?.name;
}
