/** The events of a program, as a client of the server reads them. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionEvent } from "@glovebox/protocol";
import { describe, expect, test } from "vitest";
import { eventually, stretched } from "../packages/sandbox/test/support/host-slowness.ts";
import { descendants } from "../packages/sandbox/test/support/processes.ts";
import { endChildren } from "./support/child.ts";
import { allEvents, eventsOf, open, program, sharedServer, untilRunning } from "./support/server.ts";

endChildren();
const server = sharedServer();

describe("events", () => {
  const stream = "text/event-stream";

  test("events come in order, numbered without gaps, and every kind of them", async () => {
    const code = [
      "import sys, time",
      "print('out', flush=True)",
      "print('err', file=sys.stderr, flush=True)",
      "display({'a': 1})",
      "save_result('n', [1, 2])",
      "report_progress(0.5, 'half')",
      "time.sleep(0.3)",
      "sys.stdout.write('x' * 850)",
      "sys.stdout.flush()",
      "time.sleep(0.1)",
    ].join("\n");
    const body = { code, sampleIntervalMs: 20, limits: { outputBytes: 1000 } };
    const answer = await open(server().url, program(body, stream));
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "text/event-stream; charset=utf-8"]);
    const events = await allEvents(answer);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events[0]?.type).toBe("started");
    expect(events.at(-1)?.type).toBe("finished");
    const [first] = events.filter(({ type }) => type === "metrics");
    expect(first).toMatchObject({ sample: { processes: expect.any(Number) } });

    const of = (type: ExecutionEvent["type"]) =>
      events.filter((event) => event.type === type).map(({ seq, ...event }) => event);
    expect(
      of("stdout")
        .map((event) => ("text" in event ? event.text : ""))
        .join(""),
    ).toBe(`out\n${"x".repeat(850)}`);
    expect(
      of("stderr")
        .map((event) => ("text" in event ? event.text : ""))
        .join(""),
    ).toBe("err\n");
    expect(of("display")).toEqual([{ type: "display", data: expect.any(Object) }]);
    expect(of("result")).toEqual([{ type: "result", name: "n", value: [1, 2] }]);
    expect(of("progress")).toEqual([{ type: "progress", fraction: 0.5, message: "half" }]);
    expect(of("alert")).toEqual([{ type: "alert", limit: "outputBytes", used: expect.any(Number), allowed: 1000 }]);
    // The 854 bytes of stdout, with the 4 of stderr or, if those are read later, without them.
    expect(of("alert").map((event) => "used" in event && [854, 858].includes(event.used))).toEqual([true]);
    expect(of("started").length + of("finished").length).toBe(2);
    expect(of("metrics").length).toBeGreaterThan(0);
    expect(of("finished")).toMatchObject([
      { execution: { outcome: { kind: "exited", code: 0 }, stdout: "", stderr: "", results: { n: [1, 2] } } },
    ]);
  });

  test("events come while the program runs", async () => {
    const leave = new AbortController();
    const code = "print('first', flush=True)\nimport time; time.sleep(60)";
    const answer = await open(server().url, program({ code, sampleIntervalMs: 20 }, stream), leave.signal);
    const types: string[] = [];
    let samples = 0;
    for await (const event of eventsOf(answer)) {
      if (event.type === "metrics") samples++;
      else types.push(event.type);
      if (samples > 3 && types.includes("stdout")) break;
    }
    leave.abort();
    expect(types).toEqual(["started", "stdout"]);
    await untilRunning(server(), 0);
  });

  test("a problem before the start is a plain answer", async () => {
    expect(await server().refused(program({ code: "" }, stream))).toMatchObject({ code: "invalid-request" });
    expect(await server().refused(program({ code: "1", language: "x" }, stream))).toMatchObject({
      code: "unknown-language",
    });
  });

  /** CPU time in clock ticks of every process below the server. */
  const cpuTicks = () =>
    descendants(server().pid).reduce((sum, { pid }) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return sum + Number(fields[11]) + Number(fields[12]);
      } catch {
        return sum; // it ended meanwhile
      }
    }, 0);

  const memoryMiB = () =>
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server().pid}/status`, "utf8"))?.[1]) / 1024;

  test("a slow reader slows the program, the server holds little of it, and nothing is lost", {
    timeout: stretched(120_000),
  }, async () => {
    const lines = 200_000; // of 1000 bytes
    const code = `
import sys
for n in range(${lines}):
    sys.stdout.write(f"{n:0999}\\n")
`;
    const limits = {
      timeoutMs: stretched(60_000),
      cpuMs: stretched(60_000),
      outputBytes: lines * 1000,
      outputLines: lines,
    };
    const before = memoryMiB();
    const answer = await open(server().url, program({ code, limits }, stream));
    const events = eventsOf(answer);
    let [received, rest, most] = [0, "", 0];
    const take = (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        if (part.length !== 999 || Number(part) !== received) throw new Error(`line ${received} is ${part}`);
        received++;
      }
    };
    while (received < 1_000) {
      const { value } = await events.next();
      if (value?.type === "stdout") take(value.text);
    }
    // Nobody reads now. The program stands still as soon as what lies between is full.
    await eventually("the program stands still", async () => {
      const ticks = cpuTicks();
      await sleep(stretched(300));
      return cpuTicks() === ticks || undefined;
    });
    expect((await server().health()).sandboxes.running).toBe(1);
    expect(memoryMiB() - before).toBeLessThan(64);
    let last: ExecutionEvent | undefined;
    for await (const event of events) {
      if (event.type === "stdout") take(event.text);
      if (event.seq % 500 === 0) most = Math.max(most, memoryMiB());
      last = event;
    }
    expect({ received, rest }).toEqual({ received: lines, rest: "" });
    expect(last).toMatchObject({ type: "finished", execution: { outcome: { kind: "exited", code: 0 } } });
    expect(most - before).toBeLessThan(160);
  });
});
