/** What ends a program from outside: signals to the command line, and a reader that goes away. */
import { expect, test } from "vitest";
import { eventually, stretched } from "../packages/sandbox/test/support/host-slowness.ts";
import { endChildren, endOf } from "./support/child.ts";
import { seen } from "./support/cli.ts";
import { startGlovebox } from "./support/glovebox.ts";
import { tracesOf } from "./support/traces.ts";

endChildren();

/** Starts a program that prints "ready" when it is, and waits for that. */
async function startReady(program: string, ...options: readonly string[]) {
  const child = startGlovebox(["run", "-c", program, ...options]);
  const ended = endOf(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  const traces = tracesOf(child.pid ?? 0);
  expect(traces.processes).toBeGreaterThan(1);
  return { child, ended, traces };
}

async function expectNoTraces(traces: ReturnType<typeof tracesOf>): Promise<void> {
  await eventually("every process is gone", () => traces.living().length === 0 || undefined);
  expect(traces.folders()).toEqual([]);
}

test("SIGINT cancels the run gently and leaves nothing behind", async () => {
  const program = `
import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt: print("tidy")
`;
  const { child, ended, traces } = await startReady(program, "--grace", String(stretched(20_000) / 1_000));
  child.kill("SIGINT");
  expect(seen(await ended)).toEqual({ status: 130, stdout: "ready\ntidy\n", stderr: "glovebox: cancelled\n" });
  await expectNoTraces(traces);
});

test("a program that ignores SIGINT, and its children, are killed after the grace", async () => {
  const program = `
import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
main = os.getpid()
heard, told = os.pipe()
for _ in range(3):
    if os.fork() == 0: os.setsid()
if os.getpid() == main:
    for _ in range(7): os.read(heard, 1)
    print("ready", flush=True)
else: os.write(told, b".")
time.sleep(60)
`;
  const { child, ended, traces } = await startReady(program, "--grace", "0.3");
  child.kill("SIGINT");
  const { status, tookMs } = await ended;
  expect(status).toBe(130);
  expect(tookMs).toBeLessThan(stretched(20_000)); // by itself it would go on for 30 s
  await expectNoTraces(traces);
});

test("a reader of the output that goes away cancels the run", async () => {
  const { child, ended, traces } = await startReady(
    "print('ready', flush=True)\nwhile True: print('more')",
    "--output-lines",
    "100000000",
  );
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ status: 141, stderr: "" });
  await expectNoTraces(traces);
});
