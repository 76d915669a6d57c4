import type { Readable } from "node:stream";
import type { HostSources } from "@glovebox/server/engine";
import { readableFile } from "./files.ts";
import { mistake } from "./mistake.ts";
import type { RunCall } from "./request.ts";
import { readToEnd, type StdinKind, takeFromPipe } from "./stdin.ts";

/** The standard input of this process. The stream is opened only when it is needed. */
export interface OwnStdin {
  readonly kind: () => StdinKind;
  readonly stream: () => Readable;
}

export interface ProgramStdin {
  readonly source?: NonNullable<HostSources["stdin"]>;
  readonly warning?: string;
}

/**
 * Decides where the program's standard input comes from and checks what can be checked; the function it
 * returns brings it, which may take as long as a writer needs.
 */
export async function planStdin({ file, flags }: RunCall, own: OwnStdin): Promise<() => Promise<ProgramStdin>> {
  const chosen = flags.stdin;
  if (chosen !== undefined && chosen !== "-") {
    if (chosen === "/dev/null") return async () => ({});
    const path = await readableFile("--stdin", chosen);
    return async () => ({ source: { path } });
  }
  if (file === "-") {
    if (chosen === "-") throw mistake("--stdin", "stdin holds the program already; give the input as a file");
    return async () => ({});
  }
  const kind = own.kind();
  if (chosen === "-" || kind === "file") return async () => ({ source: await readToEnd(own.stream()) });
  if (kind === "other") return async () => ({});
  return async () => {
    const { bytes, warning } = await takeFromPipe(own.stream(), kind);
    return { ...(bytes === undefined ? {} : { source: bytes }), ...(warning === undefined ? {} : { warning }) };
  };
}
