/** The real command line, as the set-up builds it, in child processes. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { Writable } from "node:stream";
import { root } from "../checkout.ts";
import { type Ended, endOf, startChild } from "./child.ts";
import { waivers } from "./waivers.ts";

export const main = join(root, "packages/cli/dist/main.js");

export interface Call {
  /** Standard input: its bytes in a pipe, or a pipe that stays open. Without it there is none. */
  readonly stdin?: string | Uint8Array | "open";
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** In a process group of its own. */
  readonly detached?: boolean;
}

/** Starts a command when something comes on descriptor 3. */
const afterWord = ["sh", "-c", 'read -r word <&3; exec "$@" 3<&-', "sh"];

/** Starts a command of `glovebox`; what this host lacks is waived. */
export function startGlovebox(args: readonly string[], call: Call = {}): ChildProcess {
  const { stdin, env = {}, cwd = root, detached = false } = call;
  const command = [process.execPath, main, ...args];
  const options = { cwd, detached, env: { ...waivers(), ...env } };
  if (stdin === undefined || stdin === "open") {
    return startChild(command, { ...options, stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
  }
  // A command waits for its input for a moment only, which may be over before this process goes on to write.
  const child = startChild([...afterWord, ...command], { ...options, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const { stdin: input, stdio } = child;
  const word = stdio[3];
  if (input === null || !(word instanceof Writable)) throw new Error("the child has no pipes");
  for (const pipe of [input, word]) pipe.on("error", () => {}); // it may end before all is written
  const bytes = Buffer.from(stdin);
  input.write(bytes.subarray(0, 1), () => word.end("go\n"));
  input.end(bytes.subarray(1));
  return child;
}

/** Runs a command of `glovebox` to its end. */
export function glovebox(args: readonly string[], call: Call = {}): Promise<Ended> {
  return endOf(startGlovebox(args, call));
}
