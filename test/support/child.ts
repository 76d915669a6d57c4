import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { afterAll } from "vitest";
import { root } from "../checkout.ts";

const living = new Set<ChildProcess>();

function endAll(): void {
  for (const child of living) child.kill("SIGKILL");
}
process.on("exit", endAll);

/** Ends what the tests of the file that calls it started and did not end themselves. */
export function endChildren(): void {
  afterAll(endAll);
}

/** The environment of a program that tests start: nothing of Glovebox's from that of the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "LANG", "TMPDIR"];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** Starts a program. It does not outlive the tests. */
export function startChild(command: readonly string[], options: SpawnOptions): ChildProcess {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    ...options,
    env: { ...cleanEnvironment(), ...options.env },
  });
  living.add(child);
  child.on("close", () => living.delete(child));
  return child;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Time from its start, in milliseconds. */
  readonly tookMs: number;
}

/** Collects what a child writes and resolves when it has ended. Call it at once after the start. */
export function endOf(child: ChildProcess): Promise<Ended> {
  const started = performance.now();
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) =>
      resolve({
        status,
        signal,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
        tookMs: performance.now() - started,
      }),
    );
  });
}
