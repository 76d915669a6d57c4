// Depends on: identity, cgroups.
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ProblemError } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { createSandboxes } from "../src/index.ts";
import { patience, stretched } from "./support/host-slowness.ts";
import { cgroupFolders, openDescriptors, runtimeFolders, Watch } from "./support/leftovers.ts";
import { descendants } from "./support/processes.ts";
import {
  checkLeftovers,
  openSandboxes,
  problemOf,
  temporaryFolder,
  untilPrinted,
  using,
  waiversOf,
} from "./support/sandboxes.ts";

checkLeftovers();
const folder = temporaryFolder();
const sleeper = "print('ready', flush=True)\nimport time\ntime.sleep(60)";

describe("close()", () => {
  it("cancels what runs and leaves nothing of it: no process, mount, cgroup, folder, descriptor", async () => {
    // The first of a process opens what stays open for good, such as the event loop's own descriptors.
    await (await openSandboxes()).close();
    await sleep(50); // the event loop has its turns to close the pipes of what has ended
    const watch = new Watch();
    const before = openDescriptors();

    const sandboxes = await openSandboxes({ pool: { min: 3 } });
    const code = `import subprocess\nfor _ in range(3): subprocess.Popen(['/bin/sleep', '60'], start_new_session=True)\n${sleeper}`;
    const big = Buffer.alloc(2 * 1024 * 1024);
    const run = sandboxes.execute({ code, files: [{ name: "big", content: big }], stdin: big });
    await untilPrinted(run, "ready\n");
    watch.note();
    expect(descendants().length).toBeGreaterThan(4);
    expect(runtimeFolders().length).toBe(1);
    if (sandboxes.isolation.cgroups !== "none") expect(cgroupFolders().length).toBeGreaterThan(0);

    await sandboxes.close();
    const execution = await run.result;
    expect(execution.outcome).toEqual({ kind: "cancelled", stage: "run", violations: [] });
    expect(execution.stdout).toBe("ready\n");
    expect(runtimeFolders()).toEqual([]);
    expect(cgroupFolders()).toEqual([]);
    expect(await watch.leftovers()).toEqual([]);
    await expect.poll(openDescriptors, patience).toBe(before);
  });

  it("is idempotent", async () => {
    const sandboxes = await openSandboxes();
    const first = sandboxes.close();
    expect(sandboxes.close()).toBe(first);
    await first;
    await sandboxes.close();
    expect(sandboxes.stats()).toEqual({ parked: 0, running: 0, waiting: 0, started: 0 });
  });

  it("refuses what comes later as closed", async () => {
    const sandboxes = await openSandboxes();
    await sandboxes.close();
    const problem = await problemOf(sandboxes.execute({ code: "1" }).result);
    expect(problem.code).toBe("closed");
    expect(sandboxes.stats().started).toBe(0);
  });

  it("refuses what waits for a sandbox as closed, and starts none of it", async () => {
    const sandboxes = await openSandboxes({ concurrency: 1 });
    const running = sandboxes.execute({ code: sleeper });
    await untilPrinted(running, "ready\n");
    const waiting = [1, 2, 3].map((value) => sandboxes.execute({ code: String(value) }));
    await expect.poll(() => sandboxes.stats().waiting, patience).toBe(3);
    const problems = Promise.all(waiting.map((run) => problemOf(run.result)));
    await sandboxes.close();
    expect((await running.result).outcome.kind).toBe("cancelled");
    expect((await problems).map((problem) => problem.code)).toEqual(["closed", "closed", "closed"]);
    expect(sandboxes.stats().started).toBe(1);
  });

  it("refuses what is being prepared as closed", async () => {
    const sandboxes = await openSandboxes();
    const file = { name: "big", content: Buffer.alloc(8 * 1024 * 1024) };
    const problem = problemOf(sandboxes.execute({ code: "1", files: [file, { ...file, name: "two" }] }).result);
    await sandboxes.close();
    expect((await problem).code).toBe("closed");
    expect(sandboxes.stats().started).toBe(0);
  });

  it("does not wait for a reader that stands still", async () => {
    const sandboxes = await openSandboxes();
    const limits = { outputBytes: 1_000_000_000, outputLines: 100_000_000 };
    const run = sandboxes.execute({ code: "while True: print('x' * 1000)", limits }, { collectOutput: false });
    const reader = run.events()[Symbol.asyncIterator]();
    await reader.next();
    await sleep(stretched(300));
    await sandboxes.close();
    expect((await run.result).outcome.kind).toBe("cancelled");
  });

  it("lets a run that is over keep its record", async () => {
    const sandboxes = await openSandboxes();
    const run = sandboxes.execute({ code: "print('x')\n7" });
    await run.result;
    await sandboxes.close();
    const { value, stdout } = await run.result;
    expect([value, stdout]).toEqual([7, "x\n"]);
  });

  it("right after the opening leaves nothing either", async () => {
    const watch = new Watch();
    const sandboxes = await openSandboxes({ pool: { min: 8 }, preload: ["json"] });
    watch.note();
    await sandboxes.close();
    expect(await watch.leftovers()).toEqual([]);
  });

  it("keeps no memory of the runs: descriptors do not grow with them", async () => {
    await using({ concurrency: 4 }, async (sandboxes) => {
      const burst = () => Promise.all(Array.from({ length: 12 }, () => sandboxes.execute({ code: "1" }).result));
      await burst();
      await expect.poll(() => sandboxes.stats().parked, patience).toBeGreaterThan(3);
      const before = openDescriptors();
      for (let round = 0; round < 5; round++) await burst();
      await expect.poll(openDescriptors, patience).toBeLessThanOrEqual(before + 8);
    });
  });
});

describe("the runtime folder", () => {
  it("can be named, is made, and is empty again at the end", async () => {
    const runtimeDir = join(folder(), "named", "here");
    await using({ runtimeDir }, async (sandboxes) => {
      expect(readdirSync(runtimeDir).length).toBe(1);
      expect((await sandboxes.execute({ code: "7" }).result).value).toBe(7);
    });
    expect(readdirSync(runtimeDir)).toEqual([]);
  });

  it("can be entered by the sandboxes also under a narrow umask", async () => {
    const runtimeDir = join(folder(), "narrow", "here");
    const umask = process.umask(0o077);
    try {
      await using({ runtimeDir }, async (sandboxes) => {
        const file = { name: "big", content: Buffer.alloc(2 * 1024 * 1024) };
        const execution = await sandboxes.execute({ code: "len(open('big').read())", files: [file], stdin: "x" })
          .result;
        expect(execution.value).toBe(2 * 1024 * 1024);
      });
    } finally {
      process.umask(umask);
    }
    expect(readdirSync(runtimeDir)).toEqual([]);
  });

  it("that others can write to is refused with what to do", async () => {
    const runtimeDir = join(folder(), "open-to-all");
    mkdirSync(runtimeDir);
    chmodSync(runtimeDir, 0o777);
    const problem = await problemOf(openSandboxes({ runtimeDir }));
    expect(problem.code).toBe("sandbox-unavailable");
    expect(problem.message).toBe(
      `runtimeDir: ${runtimeDir} must be a folder of this user that nobody else can write; remove it or name another`,
    );
    expect(readdirSync(runtimeDir)).toEqual([]);
  });

  it("keeps what is not ours", async () => {
    const runtimeDir = join(folder(), "with-others");
    mkdirSync(runtimeDir);
    writeFileSync(join(runtimeDir, "file"), "");
    mkdirSync(join(runtimeDir, "1-2"));
    await using({ runtimeDir }, async () => {});
    expect(readdirSync(runtimeDir).sort()).toEqual(["1-2", "file"]);
  });
});

describe("an isolation feature that is missing on this host", () => {
  it("is refused by name unless it is waived, and the waiver stands in every result", async () => {
    const problem = await problemOf(createSandboxes({ cgroups: "none" }));
    expect(problem.code).toBe("isolation-missing");
    expect(waiversOf(problem)).toContain("cgroups");
    expect(problem.message).toContain("--waive cgroups");
    expect(runtimeFolders()).toEqual([]);
    const waive = waiversOf(problem);
    const sandboxes = await createSandboxes({ cgroups: "none", waive });
    try {
      expect(sandboxes.isolation).toMatchObject({ backend: "namespaces", cgroups: "none", waived: waive });
      const execution = await sandboxes.execute({ code: "7" }).result;
      expect([execution.value, execution.isolation]).toEqual([7, sandboxes.isolation]);
    } finally {
      await sandboxes.close();
    }
  });

  it("is refused also when another one is waived", async () => {
    const problem = await problemOf(createSandboxes({ cgroups: "none", waive: ["separate-uids"] }));
    expect([problem.code, ...waiversOf(problem)]).toEqual(["isolation-missing", "cgroups"]);
  });

  it("and a waiver of what is there says nothing: only what is missing stands in the result", async () => {
    const sandboxes = await createSandboxes({ waive: ["cgroups", "separate-uids"] });
    try {
      const { cgroups, uids, waived } = sandboxes.isolation;
      const missing = [...(cgroups === "none" ? ["cgroups"] : []), ...(uids === "shared" ? ["separate-uids"] : [])];
      expect(waived).toEqual(missing);
      if (process.getuid?.() === 0) expect([cgroups === "none", uids, waived]).toEqual([false, "separate", []]);
    } finally {
      await sandboxes.close();
    }
  });

  it("does not hinder what is kept by sampling: without cgroups the limits hold too", async () => {
    await using({ cgroups: "none" }, async (sandboxes) => {
      const kinds = async (code: string, limits: object) => (await sandboxes.execute({ code, limits }).result).outcome;
      const ended = { stage: "run", violations: [] };
      expect(await kinds("kept = b'x' * (300 << 20)\nimport time; time.sleep(5)", { memoryBytes: 64 << 20 })).toEqual({
        kind: "out-of-memory",
        ...ended,
      });
      expect(await kinds("while True: pass", { cpuMs: 200 })).toEqual({ kind: "timed-out", limit: "cpuMs", ...ended });
      // Its children live on, and no error speaks of them: they are found, also by a look that comes late.
      const bomb = "import os, time\ntry:\n    while os.fork(): pass\nexcept OSError: os._exit(0)\ntime.sleep(60)";
      expect(await kinds(bomb, { processes: 8 })).toMatchObject({ violations: ["processes"] });
    });
  });
});

describe("two sets of sandboxes in one process", () => {
  it("work at once and do not see each other", async () => {
    await using({}, async (one) => {
      await using({}, async (two) => {
        expect(runtimeFolders().length).toBe(2);
        const [first, second] = [one.execute({ code: sleeper }), two.execute({ code: "7" })];
        await untilPrinted(first, "ready\n");
        expect((await second.result).value).toBe(7);
        expect([one.stats().running, two.stats().running]).toEqual([1, 0]);
        await two.close();
        expect(one.stats().running).toBe(1);
        first.cancel();
        await first.result;
        expect((await one.execute({ code: "8" }).result).value).toBe(8);
      });
    });
  });

  it("do not sweep each other away", async () => {
    await using({}, async (one) => {
      await using({}, async () => {});
      expect((await one.execute({ code: "9" }).result).value).toBe(9);
    });
  });
});

describe("options", () => {
  it("defaults and ceilings of the operator hold", async () => {
    const options = { defaults: { outputLines: 2, timeoutMs: 60_000 }, ceiling: { timeoutMs: 2_000 } };
    await using(options, async (sandboxes) => {
      const { outcome, stdout } = await sandboxes.execute({ code: "while True: print('x')" }).result;
      expect([outcome.kind, stdout]).toEqual(["output-limit", "x\nx\n"]);
      const slow = sandboxes.execute({ code: "import time; time.sleep(60)" });
      expect((await slow.result).outcome).toMatchObject({ kind: "timed-out", limit: "timeoutMs" });
      expect((await slow.result).metrics.wallMs).toBeLessThan(stretched(20_000));
      const problem = await problemOf(sandboxes.execute({ code: "1", limits: { timeoutMs: 2_001 } }).result);
      expect(problem).toBeInstanceOf(ProblemError);
      expect(problem.errors).toEqual([
        { field: "limits.timeoutMs", message: "2001 is over this host's ceiling of 2000" },
      ]);
    });
  });
});
