/** Signals that reach more than the process they are meant for: of a terminal, of a group, of a service manager. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, stretched } from "../packages/sandbox/test/support/host-slowness.ts";
import { descendants } from "../packages/sandbox/test/support/processes.ts";
import { root } from "./checkout.ts";
import { endChildren, endOf, startChild } from "./support/child.ts";
import { scratchFiles, seen } from "./support/cli.ts";
import { main, startGlovebox } from "./support/glovebox.ts";
import { startServer, untilRunning } from "./support/server.ts";
import { tracesOf } from "./support/traces.ts";
import { waivers } from "./support/waivers.ts";

endChildren();
const { outFolder } = scratchFiles();
const grace = String(stretched(20_000) / 1_000);

const tidy = `
import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.5)
    open("tidy.txt", "w").write("done")
`;

test("Ctrl-C on a terminal cancels the run gently, and its files come out", async () => {
  const folder = outFolder("terminal");
  const command = [process.execPath, main, "run", "-c", tidy, "--grace", grace, "--out", folder];
  const child = startChild(["/usr/bin/python3", join(root, "test/support/terminal.py"), ...command], {
    env: waivers(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = endOf(child);
  child.stdout?.once("data", () => child.stdin?.write("\x03"));
  const { status, stdout } = await ended;
  expect(stdout.toString().replaceAll("\r", "")).toContain("glovebox: cancelled\n");
  expect(status).toBe(130);
  expect(readFileSync(join(folder, "tidy.txt"), "utf8")).toBe("done");
});

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s to the process group of `run` cancels the run and leaves nothing", async (signal, status) => {
  const child = startGlovebox(["run", "-c", tidy, "--grace", grace], { detached: true });
  const ended = endOf(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  const traces = tracesOf(child.pid ?? 0);
  process.kill(-(child.pid ?? 0), signal);
  expect(seen(await ended)).toEqual({
    status,
    stdout: "ready\n",
    stderr: "glovebox: cancelled\nglovebox: 1 file not kept; --out DIR keeps them\n",
  });
  await eventually("every process is gone", () => traces.living().length === 0 || undefined);
});

test("SIGUSR1 does not open Node's debugger, by which every user of the host could act as the server", async () => {
  const own = await startServer(["--preload", "", "--pool-min", "0"]);
  process.kill(own.pid, "SIGUSR1");
  expect((await own.execute({ code: "print(1)" })).stdout).toBe("1\n");
  const { status, stderr } = await own.stop();
  expect([status, stderr.includes("Debugger")]).toEqual([0, false]);
});

test.each(["SIGTERM", "SIGHUP"] as const)(
  "%s to the process group of a server lets its programs end",
  async (signal) => {
    const own = await startServer(["--preload", ""], {}, { detached: true });
    const short = own.execute({ code: "import time; time.sleep(1.5); print('done')" });
    await untilRunning(own, 1);
    process.kill(-own.pid, signal);
    expect(await short).toMatchObject({ stdout: "done\n", outcome: { kind: "exited", code: 0 } });
    expect(await own.ended).toMatchObject({ status: 0, signal: null });
  },
);

test("the unit for systemd has the server alone told to end, and leaves it the time that it takes", () => {
  const unit = readFileSync(join(root, "examples/systemd/glovebox.service"), "utf8");
  const setting = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1];
  expect(setting("KillMode")).toBe("mixed");
  expect(setting("Delegate")).toBe("yes");
  expect(setting("ExecStart")).toBe("/opt/glovebox/glovebox serve");
  expect(Number(setting("TimeoutStopSec"))).toBeGreaterThanOrEqual(10); // 5 s for programs, then the end of sandboxes
});

/** The last number is what a process is called in its own process namespace. */
function isFirstOfItsNamespace(pid: number): boolean {
  const numbers = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]?.split("\t") ?? [];
  return numbers.length === 1 || numbers.at(-1) === "1";
}

test("what stands between the host process and a program ends with the host process, by no other signal", async () => {
  const own = await startServer(["--preload", "", "--pool-min", "1"]);
  const running = own.execute({ code: "import time; time.sleep(1.5); print('done')" });
  await untilRunning(own, 1);
  const between = descendants(own.pid).filter(({ pid }) => isFirstOfItsNamespace(pid));
  expect(between.length).toBeGreaterThanOrEqual(3); // bubblewrap, nursery, warden
  for (const { pid } of between) for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.kill(pid, signal);
  expect(await running).toMatchObject({ stdout: "done\n", outcome: { kind: "exited", code: 0 } });
  expect((await own.stop()).status).toBe(0);
});
