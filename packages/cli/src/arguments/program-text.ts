import type { Readable } from "node:stream";
import { maxCodeBytes } from "@glovebox/protocol";
import { mistake } from "./mistake.ts";
import { readToEnd } from "./stdin.ts";

/** The program that stdin holds. Throws `ProblemError` for one that is too large or no text. */
export async function readProgramText(stdin: Readable): Promise<string> {
  const program = await readToEnd(stdin, maxCodeBytes, () =>
    mistake("-", "the program on stdin is over 1 MiB; move its data to a file, --file PATH"),
  );
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(program);
  } catch (cause) {
    throw mistake("-", "the program on stdin is not UTF-8; give it as FILE", cause);
  }
}
