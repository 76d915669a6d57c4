import type { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import { stdinKind } from "../arguments/stdin.ts";
import type { OwnStdin } from "../arguments/stdin-plan.ts";
import type { OpenSandboxes } from "../target/local-target.ts";

/** What `run` needs of the process around it. */
export interface RunEnvironment {
  readonly variables: NodeJS.ProcessEnv;
  readonly stdin: OwnStdin;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Emits the names of signals. */
  readonly signals: EventEmitter;
  /** How sandboxes are made; by default those of this host. */
  readonly open?: OpenSandboxes;
}

/** This process and the sandboxes of this host. */
export function processEnvironment(): RunEnvironment {
  return {
    variables: process.env,
    stdin: { kind: stdinKind, stream: () => process.stdin },
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
  };
}
