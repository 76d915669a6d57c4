import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Report } from "./cache-worker.ts";

const worker = fileURLToPath(new URL("cache-worker.ts", import.meta.url));

/** Starts a process that uses the cache. `before`: a command that starts it. */
export function startWorker(args: readonly (string | number)[], before: readonly string[] = []): ChildProcess {
  const node = [process.execPath, "--conditions=source", "--import", import.meta.resolve("tsx"), worker];
  const [program = "", ...rest] = [...before, ...node, ...args.map(String)];
  return spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
}

/** What such a process says at its end, which has to be a good one. */
export async function reportOf(child: ChildProcess): Promise<Report> {
  const closed = once(child, "close");
  const output = child.stdout === null ? "" : await text(child.stdout);
  expect(await closed).toEqual([0, null]);
  return JSON.parse(output);
}
