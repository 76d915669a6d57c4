// Depends on: cgroups.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { eventually, stretched } from "./support/host-slowness.ts";
import { running } from "./support/processes.ts";
import { allEvents, bytesOf, program, sharedSandboxes } from "./support/sandboxes.ts";
import { sha256 } from "./support/sha256.ts";

const MIB = 1024 * 1024;
const sandboxes = sharedSandboxes();
const wide = { outputBytes: 1024 * MIB, outputLines: 100_000_000 };

describe("the events of a run", () => {
  it("start with started, end with finished, and the record is the result", async () => {
    const run = sandboxes().execute({ code: "print('hello')" });
    const events = await allEvents(run);
    expect(events.map((event) => event.type)).toEqual(["started", "stdout", "finished"]);
    expect(events[0]).toEqual({ type: "started", id: run.id, isolation: sandboxes().isolation });
    expect(events[2]).toEqual({ type: "finished", execution: await run.result });
  });

  it("keep the order in which the program made them", async () => {
    const code = program(
      "for number in range(50):",
      "    report_progress(number / 50, f'step {number}')",
      "    save_result(f'r{number}', number)",
      "    display(number)",
    );
    const events = await allEvents(sandboxes().execute({ code }));
    const made = events.slice(1, -1).map((event) => event.type);
    expect(made).toEqual(Array.from({ length: 50 }, () => ["progress", "result", "display"]).flat());
    expect(events[4]).toEqual({ type: "progress", fraction: 0.02, message: "step 1" });
    expect(events[5]).toEqual({ type: "result", name: "r1", value: 1 });
  });

  it("carry 10 MB of numbered lines byte for byte", async () => {
    const code = program("for number in range(100_000): print(f'{number:099d}')");
    const run = sandboxes().execute({ code, limits: wide });
    const events = await allEvents(run);
    const expected = Buffer.from(
      Array.from({ length: 100_000 }, (_, index) => `${String(index).padStart(99, "0")}\n`).join(""),
    );
    const got = bytesOf(events, "stdout");
    expect(got.length).toBe(10_000_000);
    expect(sha256(got)).toBe(sha256(expected));
    expect(sha256(Buffer.from((await run.result).stdout))).toBe(sha256(expected));
  });

  it("carry characters of several bytes across the borders of chunks", async () => {
    const code = program("text = 'aé€😀' * 100_001", "print(text, end='')");
    const run = sandboxes().execute({ code });
    const events = await allEvents(run);
    expect(bytesOf(events, "stdout").toString()).toBe("aé€😀".repeat(100_001));
    expect((await run.result).stdout).toBe("aé€😀".repeat(100_001));
    expect(events.filter((event) => event.type === "stdout").length).toBeGreaterThan(3);
  });

  it("carry binary output byte for byte on both streams", async () => {
    const code = program(
      "import os, sys",
      "sys.stdout.buffer.write(bytes(range(256)) * 2000)",
      "sys.stderr.buffer.write(bytes(reversed(range(256))) * 1000)",
    );
    const events = await allEvents(sandboxes().execute({ code }));
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    expect(sha256(bytesOf(events, "stdout"))).toBe(sha256(Buffer.concat(Array.from({ length: 2_000 }, () => all))));
    const reversed = Buffer.from([...all].reverse());
    expect(sha256(bytesOf(events, "stderr"))).toBe(
      sha256(Buffer.concat(Array.from({ length: 1_000 }, () => reversed))),
    );
  });

  it("carry what children print, and what a program prints just before it ends", async () => {
    const code = program(
      "import os, subprocess",
      "subprocess.run(['/bin/echo', 'from a child'])",
      "if os.fork() == 0:",
      "    os.write(2, b'from a fork\\n')",
      "    os._exit(0)",
      "os.wait()",
      "os.write(1, b'x' * 60_000 + b'\\n')",
      "os._exit(0)",
    );
    const execution = await sandboxes().execute({ code }).result;
    expect(execution.stdout).toBe(`from a child\n${"x".repeat(60_000)}\n`);
    expect(execution.stderr).toBe("from a fork\n");
  });

  it("reach the reader while the program runs", async () => {
    const code = program("import sys, time", "print('first', flush=True)", "time.sleep(60)");
    const run = sandboxes().execute({ code });
    for await (const event of run.events()) if (event.type === "stdout") run.cancel();
    expect((await run.result).outcome.kind).toBe("cancelled");
  });
});

describe("a slow reader", () => {
  it("slows the program, and the memory of this process stays bounded", async () => {
    const total = 192 * MIB;
    const code = program("import os", `for _ in range(${total / 65_536}): os.write(1, b'x' * 65536)`);
    const { started } = sandboxes().stats();
    const run = sandboxes().execute({ code, limits: wide }, { collectOutput: false });
    const before = process.memoryUsage().rss;
    let most = 0;
    let received = 0;
    let paused = false;
    for await (const event of run.events()) {
      if (event.type !== "stdout") continue;
      received += event.data.byteLength;
      if (!paused) {
        paused = true;
        await sleep(stretched(700));
        expect(sandboxes().stats()).toMatchObject({ running: 1, started: started + 1 });
      }
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(received).toBe(total);
    expect(most).toBeLessThan(80 * MIB);
    const execution = await run.result;
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
    expect(execution.stdout).toBe("");
    expect(execution.metrics.wallMs).toBeGreaterThanOrEqual(stretched(600));
  });

  it("that leaves early does not hold up the run, and nothing of the record is lost", async () => {
    const code = program("import os", "for _ in range(200): os.write(1, b'y' * 65536)", "save_result('end', 1)");
    const run = sandboxes().execute({ code, limits: wide });
    for await (const event of run.events()) if (event.type === "stdout") break;
    const execution = await run.result;
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
    expect(execution.stdout.length).toBe(200 * 65_536);
    expect(execution.results).toEqual({ end: 1 });
  });

  it("that leaves before its first event does not hold up the run", async () => {
    const code = program("import os", "for _ in range(200): os.write(1, b'y' * 65536)");
    const run = sandboxes().execute({ code, limits: wide }, { collectOutput: false });
    await run.events()[Symbol.asyncIterator]().return?.();
    expect((await run.result).outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
  });

  it("that stands still past the time limit does not keep the program alive", async () => {
    const child = "/bin/sleep 54327";
    const code = program(
      "import os, subprocess",
      `subprocess.Popen(${JSON.stringify(child.split(" "))})`,
      "while True: os.write(1, b'y' * 65536)",
    );
    const limits = { ...wide, timeoutMs: stretched(2_000) };
    const run = sandboxes().execute({ code, limits }, { collectOutput: false });
    let paused = false;
    for await (const event of run.events()) {
      if (paused || event.type !== "stdout") continue;
      paused = true;
      await eventually("the program's end, though nobody reads", () => running(child).length === 0 || undefined);
    }
    expect(paused).toBe(true);
    const execution = await run.result;
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "timeoutMs", stage: "run", violations: [] });
  });

  it("that is not there at all costs nothing: all is in the record", async () => {
    const code = program("import os", "for _ in range(100): os.write(1, b'z' * 65536)");
    const execution = await sandboxes().execute({ code, limits: wide }).result;
    expect(execution.stdout.length).toBe(100 * 65_536);
  });
});
