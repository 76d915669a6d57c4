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

interface ProgramStdin {
  readonly source?: NonNullable<HostSources["stdin"]>;
  readonly warning?: string;
}

export interface StdinPlan {
  /** Brings it, which may take as long as a writer needs. */
  readonly bring: () => Promise<ProgramStdin>;
  /** Why the program gets none, for a program that reads it all the same; not given where nobody would wonder. */
  readonly emptyBecause?: string;
}

const none: StdinPlan["bring"] = async () => ({});
const ofTerminal =
  "a terminal is not passed on: give input with --stdin FILE or a pipe; --stdin - reads the terminal to its end (Ctrl-D) first";

const ofProgram = "the program itself was read from it: give input with --stdin FILE";

/** Decides where the program's standard input comes from and checks what can be checked. */
export async function planStdin({ file, flags }: RunCall, own: OwnStdin): Promise<StdinPlan> {
  const chosen = flags.stdin;
  if (chosen !== undefined && chosen !== "-") {
    if (chosen === "/dev/null") return { bring: none };
    const path = await readableFile("--stdin", chosen);
    return { bring: async () => ({ source: { path } }) };
  }
  const kind = own.kind();
  if (file === "-") {
    if (chosen === "-") throw mistake("--stdin", "stdin holds the program already; give the input as a file");
    return kind === "terminal" ? { bring: none, emptyBecause: ofProgram } : { bring: none };
  }
  if (chosen === "-" || kind === "file") return { bring: async () => ({ source: await readToEnd(own.stream()) }) };
  if (kind === "terminal") return { bring: none, emptyBecause: ofTerminal };
  if (kind === "other") return { bring: none };
  const bring = async () => {
    const { bytes, warning } = await takeFromPipe(own.stream(), kind);
    return { ...(bytes === undefined ? {} : { source: bytes }), ...(warning === undefined ? {} : { warning }) };
  };
  return { bring };
}
