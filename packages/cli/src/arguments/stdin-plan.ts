import type { Readable } from "node:stream";
import type { BroughtStdin } from "../target/target.ts";
import { readableFile } from "./files.ts";
import { mistake } from "./mistake.ts";
import type { RunCall } from "./request.ts";
import { readToEnd, type StdinKind, takeFromPipe } from "./stdin.ts";

/** The standard input of this process. The stream is opened only when it is needed. */
export interface OwnStdin {
  readonly kind: () => StdinKind;
  readonly stream: () => Readable;
}

/** Where the program's standard input comes from. Nothing of it is read yet. */
export interface StdinPlan {
  /** A file of the host. */
  readonly path?: string;
  /** Brings what comes on our own, which may take as long as a writer needs. */
  readonly bring?: () => Promise<BroughtStdin>;
  /** Why the program gets none, for a program that reads it all the same; not given where nobody would wonder. */
  readonly emptyBecause?: string;
}

const ofTerminal =
  "a terminal is not passed on: give input with --stdin FILE or a pipe; --stdin - reads the terminal to its end (Ctrl-D) first";

const ofProgram = "the program itself was read from it: give input with --stdin FILE";

/** Decides where the program's standard input comes from and checks what can be checked. */
export async function planStdin({ file, flags }: RunCall, own: OwnStdin): Promise<StdinPlan> {
  const chosen = flags.stdin;
  if (chosen !== undefined && chosen !== "-") {
    return chosen === "/dev/null" ? {} : { path: await readableFile("--stdin", chosen) };
  }
  const kind = own.kind();
  if (file === "-") {
    if (chosen === "-") throw mistake("--stdin", "stdin holds the program already; give the input as a file");
    return kind === "terminal" ? { emptyBecause: ofProgram } : {};
  }
  if (chosen === "-" || kind === "file") return { bring: async () => ({ bytes: await readToEnd(own.stream()) }) };
  if (kind === "terminal") return { emptyBecause: ofTerminal };
  return kind === "other" ? {} : { bring: () => takeFromPipe(own.stream(), kind) };
}
