import { createHash } from "node:crypto";
import { type Artifact, type FinishedExecution, fileNameSchema, ProblemError } from "@glovebox/protocol";
import { reason } from "../arguments/mistake.ts";
import { makeNewFile } from "../output/new-file.ts";
import type { Connection } from "./connection.ts";

export interface Fetched {
  /** The files that are in the folder now. */
  readonly written: readonly string[];
  /** Why the others are not, a line for each reason. */
  readonly notWritten: readonly string[];
}

/** Names that one line tells. */
const shownNames = 20;

/**
 * Fetches the files of a program into a folder, one after the other. What the server sends is not trusted: a name has to
 * be one that a program can give, and the content that of the record. When the server is lost, the rest is not asked for.
 */
export async function fetchArtifacts(
  connection: Connection,
  { id, artifacts }: FinishedExecution,
  folder: string,
  signal: AbortSignal,
): Promise<Fetched> {
  const written: string[] = [];
  const missing = new Map<string, string[]>();
  let lost: string | undefined;
  for (const artifact of artifacts) {
    const why = lost ?? (await fetchArtifact(connection, id, artifact, folder, signal).catch(whyNot(signal)));
    if (why === undefined) written.push(artifact.path);
    else missing.set(why, [...(missing.get(why) ?? []), artifact.path]);
    if (why !== undefined && (signal.aborted || why.startsWith(unreachable))) lost = why;
  }
  return { written, notWritten: [...missing].map(([why, names]) => `not written: ${listed(names)}: ${why}`) };
}

const unreachable = "the server was lost";

function listed(names: readonly string[]): string {
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
  return `${names.slice(0, shownNames).join(", ")}${more}`;
}

function whyNot(signal: AbortSignal): (error: unknown) => string {
  return (error) => {
    if (signal.aborted) return "the command was interrupted";
    if (!(error instanceof ProblemError)) return reason(error);
    if (error.code === "content-not-kept") return "the server did not keep the content";
    return error.code === "server-unreachable" ? `${unreachable}: ${error.message}` : error.message;
  };
}

async function fetchArtifact(
  connection: Connection,
  id: string,
  { path, size, sha256 }: Artifact,
  folder: string,
  signal: AbortSignal,
): Promise<undefined> {
  if (!fileNameSchema.safeParse(path).success) throw new Error("the server gives it a name that no file can have");
  const place = [id, "artifacts", ...path.split("/")].map(encodeURIComponent).join("/");
  const answer = await connection.ask("application/octet-stream", { path: `v1/executions/${place}`, signal });
  try {
    await makeNewFile(folder, path, async (file) => {
      const hash = createHash("sha256");
      let left = size;
      for await (const piece of connection.pieces(answer)) {
        left -= piece.length;
        if (left < 0) break;
        hash.update(piece);
        await file.writeFile(piece);
      }
      if (left !== 0 || hash.digest("hex") !== sha256) {
        throw new Error("the server sent other content than its record says");
      }
    });
  } finally {
    answer.destroy(); // of a file that could not be made, nobody has read it
  }
  return undefined;
}
