import type { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import type { Sandboxes, SandboxOptions } from "@glovebox/sandbox";
import { stdinKind } from "../arguments/stdin.ts";
import type { OwnStdin } from "../arguments/stdin-plan.ts";

/** What `run` needs of the process around it. */
export interface RunEnvironment {
  readonly variables: NodeJS.ProcessEnv;
  readonly stdin: OwnStdin;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Emits the names of signals. */
  readonly signals: EventEmitter;
  readonly open: (
    options: SandboxOptions,
  ) => Promise<Pick<Sandboxes, "isolation" | "execute" | "stats" | "languages" | "close">>;
}

/** This process and the sandboxes of this host. */
export function processEnvironment(): RunEnvironment {
  return {
    variables: process.env,
    stdin: { kind: stdinKind, stream: () => process.stdin },
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
    open: async (options) => (await import("@glovebox/sandbox")).createSandboxes(options),
  };
}
