import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Run, RunEvent, Sandboxes, SandboxOptions } from "../../src/index.ts";
import { Watch } from "./leftovers.ts";
import { openSandboxes } from "./open.ts";

export { openSandboxes, waiversOf } from "./open.ts";

/**
 * Fails the file that calls it when something of its sandboxes is left on the host after its tests: a
 * process, a mount, a cgroup, a runtime folder.
 */
export function checkLeftovers(): void {
  let watch: Watch;
  beforeAll(() => {
    watch = new Watch();
  });
  afterEach(() => watch.note());
  afterAll(async () => {
    expect(await watch.leftovers()).toEqual([]);
  });
}

/**
 * One set of sandboxes for all tests of a file; closed at its end, when nothing of it may be left. Options that are
 * known before the first test only, such as a temporary folder, come from a function.
 */
export function sharedSandboxes(options: SandboxOptions | (() => SandboxOptions) = {}): () => Sandboxes {
  checkLeftovers();
  let opened: Sandboxes | undefined;
  beforeAll(async () => {
    opened = await openSandboxes(typeof options === "function" ? options() : options);
  });
  // Hooks run last in, first out: the sandboxes are closed before the leftovers are counted.
  afterAll(() => opened?.close());
  return () => {
    if (opened === undefined) throw new Error("the sandboxes are opened before the first test");
    return opened;
  };
}

/** Runs `use` with sandboxes of its own, which are closed however it ends. */
export async function using<T>(options: SandboxOptions, use: (own: Sandboxes) => Promise<T>): Promise<T> {
  const own = await openSandboxes(options);
  try {
    return await use(own);
  } finally {
    await own.close();
  }
}

/** A folder of the host for the tests of one file. */
export function temporaryFolder(): () => string {
  let path = "";
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), "glovebox-sandbox-test-"));
    chmodSync(path, 0o755); // the sandboxes' ids pass through it
  });
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return () => path;
}

/** A program from its lines. */
export function program(...lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

/** Reads the events of a run to their end. */
export async function allEvents(run: Run): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event);
  return events;
}

/** Reads the events until the standard output so far ends with `text`, and drops the rest. */
export async function untilPrinted(run: Run, text: string): Promise<void> {
  let printed = "";
  for await (const event of run.events()) {
    if (event.type !== "stdout") continue;
    printed += Buffer.from(event.data).toString();
    if (printed.endsWith(text)) return;
  }
  throw new Error(`the program ended without printing ${JSON.stringify(text)}; it printed ${JSON.stringify(printed)}`);
}

/** The bytes of one stream, put together from the events. */
export function bytesOf(events: readonly RunEvent[], stream: "stdout" | "stderr"): Buffer {
  return Buffer.concat(
    events.flatMap((event) => (event.type === stream && "data" in event ? [event.data as Uint8Array] : [])),
  );
}

/** The problem with which a promise rejects. */
export async function problemOf(promise: Promise<unknown>): Promise<ProblemError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof ProblemError) return outcome;
  throw new Error(`expected a problem, got ${String(outcome)}`);
}
