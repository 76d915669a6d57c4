// Depends on: identity, cgroups.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec, Sandboxes, SandboxOptions } from "../src/index.ts";
import { eventually, patience, stretched } from "./support/host-slowness.ts";
import { cgroupFolders } from "./support/leftovers.ts";
import { commandOf, descendants, type HostProcess, lives } from "./support/processes.ts";
import { openSandboxes, sharedSandboxes, temporaryFolder, untilPrinted, using } from "./support/sandboxes.ts";

const folder = temporaryFolder();
const lines: string[] = [];
const sandboxes = sharedSandboxes({ pool: { min: 2 }, log: (line) => lines.push(line) });
const sleeper = "print('ready', flush=True)\nimport time\ntime.sleep(60)";

/** The process that runs `code`, found by its parents: bubblewrap, the nursery, the warden, the runner. */
function chainOf(mark: (one: HostProcess) => boolean): HostProcess[] {
  const all = descendants();
  const byPid = new Map(all.map((one) => [one.pid, one]));
  const chain: HostProcess[] = [];
  for (let one = all.find(mark); one !== undefined; one = byPid.get(one.parent)) chain.unshift(one);
  return chain;
}

const marked = (one: HostProcess) => commandOf(one.pid).join(" ") === "/bin/sleep 54321";
const markedSleeper = `import subprocess\nsubprocess.Popen(['/bin/sleep', '54321'])\n${sleeper}`;

/** Starts a program and gives the processes on the way to it: ..., nursery, warden, runner, sleep. */
async function start(where: Sandboxes, limits: ExecutionSpec["limits"] = {}) {
  const run = where.execute({ code: markedSleeper, limits });
  await untilPrinted(run, "ready\n");
  const chain = await eventually("the processes down to the program's own", () => {
    const found = chainOf(marked); // one look at /proc may miss a process that is being made
    return found.length > 3 ? found : undefined;
  });
  const [warden, runner] = chain.slice(-3);
  if (warden === undefined || runner === undefined) throw new Error("no warden");
  return { run, chain, warden, runner };
}

function allDead(processes: readonly HostProcess[]): Promise<void> {
  return expect.poll(() => processes.filter(lives).map(({ pid, name }) => `${pid} ${name}`), patience).toEqual([]);
}

describe("a warden that is killed", () => {
  it("makes its run a fault of the sandbox, takes the program along, and harms no other run", async () => {
    const other = sandboxes().execute({ code: "print('ready', flush=True)\ninput()\n7", stdin: "" });
    const { run, warden, chain } = await start(sandboxes());
    process.kill(warden.pid, "SIGKILL");
    const execution = await run.result;
    expect(execution.outcome).toEqual({
      kind: "sandbox-fault",
      message: "the sandbox ended without a result",
      stage: "run",
      violations: [],
    });
    expect(execution.stdout).toBe("ready\n");
    await allDead(chain.slice(-3));
    expect((await other.result).outcome.kind).toBe("exited");
    expect((await sandboxes().execute({ code: "8" }).result).value).toBe(8);
    expect(sandboxes().stats()).toMatchObject({ running: 0, waiting: 0 });
  });

  it("at the moment in which its sandbox is leased keeps nobody waiting", { timeout: stretched(60_000) }, async () => {
    await usingOne({ pool: { min: 2, max: 2 } }, async (one) => {
      for (let round = 0; round < 20; round++) {
        await expect.poll(() => one.stats().parked, patience).toBe(2);
        for (const warden of await parkedWardens(one)) process.kill(warden.pid, "SIGKILL");
        await sleep((round % 10) * 0.7);
        const { outcome, metrics } = await one.execute({ code: "7" }).result;
        expect(["exited", "sandbox-fault"]).toContain(outcome.kind);
        expect(metrics.wallMs).toBeLessThan(stretched(9_000)); // a silent warden is given the time limit and 10 s
      }
    });
  });

  it("or stands still is ended from outside, and its run is a fault of the sandbox", {
    timeout: stretched(40_000),
  }, async () => {
    const { run, warden } = await start(sandboxes(), { timeoutMs: stretched(2_500) });
    process.kill(warden.pid, "SIGSTOP");
    const { outcome } = await run.result;
    expect(outcome).toEqual({
      kind: "sandbox-fault",
      message: "the warden did not end its program in time",
      stage: "run",
      violations: [],
    });
    await allDead([warden]);
  });
});

describe("a nursery that is killed", () => {
  const nurseriesLost = () =>
    lines.filter((line) => line.startsWith("pool: the ground of its sandboxes is gone")).length;

  it.each([
    ["by its own process", -4],
    ["by its outermost process", 0],
  ])(
    "%s makes the running program a fault of the sandbox; the pool recovers and the next run works",
    async (_, place) => {
      const { run, chain } = await start(sandboxes());
      const victim = chain.at(place);
      if (victim === undefined) throw new Error("no nursery");
      const restarts = nurseriesLost();
      process.kill(victim.pid, "SIGKILL");
      const execution = await run.result;
      expect(execution.outcome).toMatchObject({ kind: "sandbox-fault", stage: "run" });
      expect(execution.stdout).toBe("ready\n");
      await expect.poll(nurseriesLost, patience).toBe(restarts + 1);
      const next = await Promise.all([1, 2, 3].map((value) => sandboxes().execute({ code: String(value) }).result));
      expect(next.map(({ value }) => value)).toEqual([1, 2, 3]);
      await allDead(chain);
      await expect.poll(() => sandboxes().stats().parked, patience).toBeGreaterThanOrEqual(2);
    },
  );
});

describe("a host process that is killed", () => {
  async function hostProcess(runtimeDir: string): Promise<{ host: ChildProcess; pid: number; below: HostProcess[] }> {
    const script = fileURLToPath(new URL("support/host-process.ts", import.meta.url));
    const loader = import.meta.resolve("tsx");
    const host = spawn(process.execPath, ["--conditions=source", "--import", loader, script, runtimeDir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const { pid } = host;
    if (pid === undefined || host.stdout === null) throw new Error("the host process did not start");
    const [first] = await Promise.race([once(host.stdout, "data"), once(host, "exit")]);
    expect(String(first)).toBe("running\n");
    return { host, pid, below: descendants(pid) };
  }

  it("takes all its sandboxes along, and the next instance sweeps its folder and cgroups", async () => {
    const runtimeDir = join(folder(), "of-the-dead");
    mkdirSync(runtimeDir);
    const { host, pid, below } = await hostProcess(runtimeDir);
    expect(below.filter(({ name }) => name === "sleep").length).toBe(2);
    expect(readdirSync(runtimeDir).filter((name) => name.startsWith(`${pid}-`)).length).toBe(1);
    host.kill("SIGKILL");
    await once(host, "exit");
    await allDead(below);

    await using({ runtimeDir }, async (next) => {
      expect(readdirSync(runtimeDir).filter((name) => name.startsWith(`${pid}-`))).toEqual([]);
      expect(cgroupFolders(pid)).toEqual([]);
      expect((await next.execute({ code: "7" }).result).value).toBe(7);
    });
    expect(readdirSync(runtimeDir)).toEqual([]);
  });

  it("does not lose its folder to another instance while it lives", async () => {
    const runtimeDir = join(folder(), "of-the-living");
    mkdirSync(runtimeDir);
    const { host, pid, below } = await hostProcess(runtimeDir);
    try {
      await using({ runtimeDir }, async () => {
        expect(readdirSync(runtimeDir).filter((name) => name.startsWith(`${pid}-`)).length).toBe(1);
        expect(below.filter(lives).length).toBe(below.length);
      });
    } finally {
      host.kill("SIGKILL");
      await once(host, "exit");
    }
    await allDead(below);
    await (await openSandboxes({ runtimeDir })).close();
    expect(readdirSync(runtimeDir)).toEqual([]);
  });
});

function usingOne(options: SandboxOptions, use: (one: Sandboxes) => Promise<void>): Promise<void> {
  const before = new Set(descendants().map(({ pid }) => pid));
  return using(options, async (one) => {
    started.set(one, before);
    await use(one);
  });
}

/** What lived before the sandboxes of a test were made. */
const started = new Map<Sandboxes, Set<number>>();

/** The nursery of sandboxes made by `usingOne`: the innermost process that has wardens or would have them. */
async function nurseryOf(one: Sandboxes): Promise<HostProcess> {
  const before = started.get(one) ?? new Set();
  const isNursery = ({ pid }: HostProcess) =>
    !before.has(pid) && commandOf(pid).some((part) => part.includes("nursery.main"));
  await expect.poll(() => descendants().filter(isNursery).length, patience).toBeGreaterThan(0);
  const found = descendants().filter((each) => isNursery(each) && each.name.startsWith("python"));
  const nursery = found.find((each) => !found.some((other) => other.pid === each.parent));
  if (nursery === undefined) throw new Error("no nursery");
  return nursery;
}

/** The wardens of sandboxes made by `usingOne`. */
async function parkedWardens(one: Sandboxes): Promise<HostProcess[]> {
  const nursery = await nurseryOf(one);
  return descendants(nursery.pid).filter(({ parent }) => parent === nursery.pid);
}
