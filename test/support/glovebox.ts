/** The real command line, as the set-up builds it, in child processes. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { root } from "../checkout.ts";
import { type Ended, endOf, startChild } from "./child.ts";
import { waivers } from "./waivers.ts";

export const main = join(root, "packages/cli/dist/main.js");

export interface Call {
  /** Standard input: its bytes in a pipe, or a pipe that stays open. Without it there is none. */
  readonly stdin?: string | Uint8Array | "open";
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Starts a command of `glovebox`; what this host lacks is waived. */
export function startGlovebox(args: readonly string[], call: Call = {}): ChildProcess {
  const { stdin, env = {}, cwd = root } = call;
  const child = startChild([process.execPath, main, ...args], {
    cwd,
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    env: { ...waivers(), ...env },
  });
  if (stdin !== undefined && stdin !== "open") {
    child.stdin?.on("error", () => {}); // a command that does not read its input may end before all is written
    child.stdin?.end(stdin);
  }
  return child;
}

/** Runs a command of `glovebox` to its end. */
export function glovebox(args: readonly string[], call: Call = {}): Promise<Ended> {
  return endOf(startGlovebox(args, call));
}
