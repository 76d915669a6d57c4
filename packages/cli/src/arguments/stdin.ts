/**
 * Standard input of the program, from our own. It is read whole before the program starts. A pipe that
 * somebody else left open and never writes to must not hold up the run: without a first byte within
 * `patienceMs` it counts as empty, with a warning, unless the caller asked to wait. With the first byte,
 * somebody is writing, and we read to the end.
 */
import { fstatSync } from "node:fs";
import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import { ProblemError } from "@glovebox/protocol";
import type { BroughtStdin } from "../target/target.ts";

/** Read into memory at most; a file given by `--stdin FILE` has no such limit. */
const maxStdinBytes = 64 * 1024 * 1024;

/**
 * Reading takes place while the sandbox is being made, so that the first part of the wait costs nothing. Shells
 * make pipelines of FIFOs; a socket is what a program gives that starts another and often never writes to it.
 */
const patienceMs = { pipe: 1_000, socket: 300 } as const;

export type StdinKind = "file" | "pipe" | "socket" | "terminal" | "other";

/** What descriptor 0 is. `/dev/null` and the like are `other`. */
export function stdinKind(): StdinKind {
  try {
    if (isatty(0)) return "terminal";
    const found = fstatSync(0);
    if (found.isFile()) return "file";
    if (found.isSocket()) return "socket";
    return found.isFIFO() ? "pipe" : "other";
  } catch {
    return "other";
  }
}

/** The program's input that is over `maxStdinBytes`. */
function inputTooLarge(): ProblemError {
  const message = `our standard input is over ${maxStdinBytes / 1024 ** 2} MiB: give it as a file, with --stdin FILE`;
  return ProblemError.ofFields("payload-too-large", [{ field: "--stdin", message }]);
}

/** Reads a stream to its end. Throws `tooLarge()` over `limit` bytes. */
export async function readToEnd(
  stream: Readable,
  limit: number = maxStdinBytes,
  tooLarge: () => ProblemError = inputTooLarge,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > limit) throw tooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Takes what a pipe brings, as described above. */
export async function takeFromPipe(
  stream: Readable,
  kind: "pipe" | "socket" = "pipe",
  patience: number = patienceMs[kind],
): Promise<BroughtStdin> {
  if (!(await isReadableWithin(stream, patience))) {
    stream.destroy();
    return {
      warning: `stdin: nothing came within ${patience / 1_000} s, so the program gets none; '--stdin -' waits for it`,
    };
  }
  return { bytes: await readToEnd(stream) };
}

/** Whether data, the end or an error of a stream comes in time. */
function isReadableWithin(stream: Readable, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (readable: boolean) => {
      clearTimeout(timer);
      for (const event of ["readable", "end", "error"]) stream.off(event, onEvent);
      resolve(readable); // the first one counts
    };
    const onEvent = () => finish(true);
    // An event loop that was held up runs its timers before it looks at what has come: it is given that look.
    const timer = setTimeout(() => setImmediate(finish, false), milliseconds);
    for (const event of ["readable", "end", "error"]) stream.on(event, onEvent);
  });
}
