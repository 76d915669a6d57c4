/** The server as a user has it: a child process on real sandboxes, called over HTTP. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type ExecutionEvent, executionSchema, type ProblemCode } from "@glovebox/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, stretched } from "../packages/sandbox/test/support/host-slowness.ts";
import { descendants } from "../packages/sandbox/test/support/processes.ts";
import { endChildren } from "./support/child.ts";
import { glovebox } from "./support/glovebox.ts";
import { eventsOf, open, program, type Sent, startServer, type TestServer } from "./support/server.ts";
import { tracesOf } from "./support/traces.ts";

endChildren();

const bodyLimitBytes = 4 * 1024 * 1024;
let server: TestServer;
beforeAll(async () => {
  server = await startServer(["--preload", "", "--concurrency", "8", "--body-limit", String(bodyLimitBytes)]);
});
afterAll(async () => {
  expect((await server.stop()).status).toBe(0);
});

async function allEvents(answer: IncomingMessage): Promise<ExecutionEvent[]> {
  const events: ExecutionEvent[] = [];
  for await (const event of eventsOf(answer)) events.push(event);
  return events;
}

const untilRunning = (which: TestServer, count: number, milliseconds = 10_000) =>
  eventually(
    `${count} running`,
    async () => ((await which.health()).sandboxes.running === count ? true : undefined),
    milliseconds,
  );

describe("answers", () => {
  test("a program is answered with its record", async () => {
    const { status, headers, text } = await server.send(
      program({
        code: "print('ü'); save_result('n', 1); x = 2; 6 * 7",
        returnVariables: ["x"],
        metadata: { my: "id" },
      }),
    );
    expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "application/json; charset=utf-8" });
    expect(executionSchema.parse(JSON.parse(text))).toMatchObject({
      status: "finished",
      language: "python",
      outcome: { kind: "exited", code: 0, violations: [] },
      stdout: "ü\n",
      stderr: "",
      value: 42,
      results: { n: 1 },
      variables: { x: 2 },
      error: null,
      warnings: [],
      metadata: { my: "id" },
    });
  });

  test("a program that fails is answered with 200 and its outcome", async () => {
    expect((await server.execute({ code: "import sys; sys.exit(3)" })).outcome).toMatchObject({
      kind: "exited",
      code: 3,
    });
    expect((await server.execute({ code: "1/0" })).error).toMatchObject({ type: "ZeroDivisionError", line: 1 });
    const endless = await server.execute({ code: "while True: pass", limits: { timeoutMs: 300 } });
    expect(endless.outcome).toMatchObject({ kind: "timed-out", limit: "timeoutMs" });
    const greedy = await server.execute({ code: "bytearray(2*10**9)", limits: { memoryBytes: 100 * 1024 * 1024 } });
    expect(greedy.outcome).toMatchObject({ kind: "out-of-memory" });
  });

  test("files, arguments, input and environment reach the program as they were sent", async () => {
    const bytes = Buffer.from(Array.from({ length: 2_000_000 }, (_, n) => (n * 7) % 256));
    const { stdout } = await server.execute({
      entry: "app/main.py",
      files: [
        {
          name: "app/main.py",
          content: [
            "import hashlib, os, sys, names",
            "print(hashlib.sha256(open('all.bin', 'rb').read()).hexdigest())",
            "print(sys.argv[1:], sys.stdin.read(), os.environ['GREETING'], parameters, data, names.one)",
          ].join("\n"),
        },
        { name: "app/names.py", content: "one = 1" },
        { name: "all.bin", contentBase64: bytes.toString("base64") },
      ],
      args: ["-x", "a b"],
      stdin: "in",
      env: { GREETING: "hello" },
      parameters: { p: [1] },
      data: { d: null },
    });
    expect(stdout).toBe(
      `${createHash("sha256").update(bytes).digest("hex")}\n['-x', 'a b'] in hello {'p': [1]} {'d': None} 1\n`,
    );
  });

  test("a program reads bytes that are no text from its standard input", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    const { stdout } = await server.execute({
      code: "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())",
      stdinBase64: bytes.toString("base64"),
    });
    expect(stdout).toBe(`${createHash("sha256").update(bytes).digest("hex")}\n`);
  });

  test("numbers as text and an alias are corrected with a warning each", async () => {
    const { warnings, language, stdout, metrics } = await server.execute({
      language: "py",
      code: "import time; time.sleep(0.1); print(1)",
      limits: { timeoutMs: "5000", processes: " 20 " },
      sampleIntervalMs: "20",
    });
    expect({ language, stdout }).toEqual({ language: "python", stdout: "1\n" });
    expect(metrics.samples?.length).toBeGreaterThan(0);
    expect(warnings).toEqual([
      'sampleIntervalMs: the text "20" was read as the number 20',
      'limits.timeoutMs: the text "5000" was read as the number 5000',
      'limits.processes: the text " 20 " was read as the number 20',
      "language: 'py' was read as 'python'",
    ]);
  });

  test("eight programs at once do not see each other", async () => {
    const code = [
      "import os, time",
      "mine = parameters['mine']",
      "for folder in ('.', '/tmp', '/dev/shm'):",
      "    if os.access(folder, os.W_OK): open(os.path.join(folder, mine), 'w').write(mine)",
      "time.sleep(1)",
      "seen = [name for folder in ('.', '/tmp', '/dev/shm') if os.access(folder, os.W_OK) for name in os.listdir(folder)]",
      "print(mine, sorted(set(seen)), len([name for name in os.listdir('/proc') if name.isdigit()]))",
    ].join("\n");
    const alone = (await server.execute({ code, parameters: { mine: "alone" } })).stdout;
    const processes = /^alone \['alone'\] (\d+)\n$/.exec(alone)?.[1];
    const runs = Array.from({ length: 8 }, (_, n) => server.execute({ code, parameters: { mine: `mine-${n}` } }));
    await untilRunning(server, 8);
    const outputs = (await Promise.all(runs)).map(({ stdout }) => stdout);
    expect(outputs).toEqual(Array.from({ length: 8 }, (_, n) => `mine-${n} ['mine-${n}'] ${processes}\n`));
  });
});

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
    const answer = await open(server.url, program(body, stream));
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
    expect(of("alert")).toEqual([{ type: "alert", limit: "outputBytes", used: 858, allowed: 1000 }]);
    expect(of("started").length + of("finished").length).toBe(2);
    expect(of("metrics").length).toBeGreaterThan(3);
    expect(of("finished")).toMatchObject([
      { execution: { outcome: { kind: "exited", code: 0 }, stdout: "", stderr: "", results: { n: [1, 2] } } },
    ]);
  });

  test("events come while the program runs", async () => {
    const leave = new AbortController();
    const code = "print('first', flush=True)\nimport time; time.sleep(60)";
    const answer = await open(server.url, program({ code }, stream), leave.signal);
    const types: string[] = [];
    for await (const event of eventsOf(answer)) {
      types.push(event.type);
      if (event.type === "stdout") break;
    }
    leave.abort();
    expect(types).toEqual(["started", "stdout"]);
    await untilRunning(server, 0);
  });

  test("a problem before the start is a plain answer", async () => {
    expect(await server.refused(program({ code: "" }, stream))).toMatchObject({ code: "invalid-request" });
    expect(await server.refused(program({ code: "1", language: "x" }, stream))).toMatchObject({
      code: "unknown-language",
    });
  });

  /** CPU time in clock ticks of every process below the server. */
  const cpuTicks = () =>
    descendants(server.pid).reduce((sum, { pid }) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return sum + Number(fields[11]) + Number(fields[12]);
      } catch {
        return sum; // it ended meanwhile
      }
    }, 0);

  const memoryMiB = () =>
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1024;

  test("a slow reader slows the program, the server holds little of it, and nothing is lost", async () => {
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
    const answer = await open(server.url, program({ code, limits }, stream));
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
    expect((await server.health()).sandboxes.running).toBe(1);
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

describe("clients that leave", () => {
  const code = "import time; time.sleep(60)";

  test.each([
    ["its events", "text/event-stream" as const],
    ["its record", undefined],
  ])("a client that leaves while it waits for %s cancels its run", async (_title, accept) => {
    const leave = new AbortController();
    const left = open(server.url, program({ code }, accept), leave.signal).then(
      (answer) => allEvents(answer),
      (error: Error) => error,
    );
    left.catch(() => {});
    await untilRunning(server, 1);
    const traces = tracesOf(server.pid);
    leave.abort();
    await untilRunning(server, 0, 5_000);
    await left.catch(() => {});
    // The processes of the run and the parked ones were seen alike; those of the run are gone.
    await eventually(
      "processes of the run are gone",
      () => traces.living().length < traces.processes || undefined,
      2_000,
    );
  });
});

describe("refusals", () => {
  const python = (more: object) => program({ code: "print(1)", ...more });
  const files = (...names: string[]) => python({ files: names.map((name) => ({ name, content: "" })) });
  const text = (body: string | Uint8Array, type = "application/json"): Sent => ({
    method: "POST",
    path: "/v1/executions",
    headers: { "content-type": type },
    body,
  });
  const deep = `{"code":"1","data":${"[".repeat(101)}${"]".repeat(101)}}`;

  test.each<[string, Sent, ProblemCode, readonly string[]]>([
    ["an unknown field", python({ cde: 1 }), "invalid-request", ["cde"]],
    ["an unknown limit", python({ limits: { ram: 1 } }), "invalid-request", ["limits.ram"]],
    ["the wrong type", program({ code: 5, args: "x" }), "invalid-request", ["code", "args"]],
    ["no program", program({}), "invalid-request", ["code"]],
    ["an empty program", program({ code: " \n" }), "invalid-request", ["code"]],
    ["a program over 1 MiB", program({ code: `1${" ".repeat(1024 * 1024)}` }), "invalid-request", ["code"]],
    [
      "code and entry",
      python({ entry: "x.py", files: [{ name: "x.py", content: "1" }] }),
      "invalid-request",
      ["entry"],
    ],
    ["an entry that is not among the files", program({ entry: "x.py", files: [] }), "invalid-request", ["entry"]],
    ["a name with '..'", files("a", "../x"), "invalid-request", ["files[1].name"]],
    ["a name with a leading '/'", files("/x"), "invalid-request", ["files[0].name", "files[0].name"]],
    ["a name with a NUL", files("x\0y"), "invalid-request", ["files[0].name"]],
    ["a name twice", files("x", "y", "x"), "invalid-request", ["files[2].name"]],
    ["a file below a file", files("x", "x/y"), "invalid-request", ["files[1].name"]],
    [
      "two contents",
      python({ files: [{ name: "x", content: "", contentBase64: "" }] }),
      "invalid-request",
      ["files[0]"],
    ],
    [
      "bad base64",
      python({ files: [{ name: "x", contentBase64: "?" }] }),
      "invalid-request",
      ["files[0].contentBase64"],
    ],
    [
      "a path of the host",
      python({ files: [{ name: "x", path: "/etc/passwd" }] }),
      "invalid-request",
      ["files[0].path", "files[0]"],
    ],
    ["a negative limit", python({ limits: { timeoutMs: -1 } }), "invalid-request", ["limits.timeoutMs"]],
    ["a limit of no number", python({ limits: { memoryBytes: "lots" } }), "invalid-request", ["limits.memoryBytes"]],
    [
      "a limit over the ceiling",
      python({ limits: { timeoutMs: 3_600_001, openFiles: 4_097 } }),
      "limit-over-ceiling",
      ["limits.timeoutMs", "limits.openFiles"],
    ],
    [
      "limits of the compiler beyond their rules",
      python({ compileLimits: { timeoutMs: -1, ram: 1 } }),
      "invalid-request",
      ["compileLimits.timeoutMs", "compileLimits.ram"],
    ],
    [
      "a limit of the compiler over the ceiling",
      python({ compileLimits: { timeoutMs: 3_600_001 } }),
      "limit-over-ceiling",
      ["compileLimits.timeoutMs"],
    ],
    [
      "a file of no language",
      program({ entry: "x.xyz", files: [{ name: "x.xyz", content: "1" }] }),
      "unknown-language",
      ["entry"],
    ],
    ["an interval too short", python({ sampleIntervalMs: 1 }), "invalid-request", ["sampleIntervalMs"]],
    ["a NUL in an argument", python({ args: ["a", "b\0"] }), "invalid-request", ["args[1]"]],
    ["a bad name of a variable", python({ env: { "1A": "x" } }), "invalid-request", ["env.1A"]],
    ["an unknown language", python({ language: "brainfuck" }), "unknown-language", ["language"]],
    ["values nested too deep", text(deep), "invalid-request", []],
    ["no object", text("[1]"), "invalid-request", ["(body)"]],
    ["no JSON", text("{code"), "invalid-json", []],
    ["an empty body", text(""), "invalid-json", []],
    ["a body that is not UTF-8", text(Buffer.from([0x22, 0xff, 0x22])), "invalid-json", []],
    ["a key that replaces a prototype", text('{"code": "1", "__proto__": {}}'), "invalid-json", []],
  ])("%s is refused with 400 by name, and no program starts", async (_title, sent, code, fields) => {
    const { started } = (await server.health()).sandboxes;
    const problem = await server.refused(sent);
    expect({ status: problem.status, code: problem.code, fields: problem.errors.map(({ field }) => field) }).toEqual({
      status: 400,
      code,
      fields,
    });
    for (const field of fields) expect(problem.detail).toContain(field);
    expect((await server.health()).sandboxes.started).toBe(started);
  });

  test("an unknown language is refused with the known ones", async () => {
    const { detail } = await server.refused(python({ language: "brainfuck" }));
    expect(detail).toMatch(/^language: 'brainfuck' is not known; known are: [a-z, ]*\bpython\b/);
  });

  test.each<[number, ProblemCode, Sent]>([
    [413, "payload-too-large", text(`"${"x".repeat(bodyLimitBytes)}"`)],
    [415, "unsupported-media-type", text('{"code": "1"}', "text/plain")],
    [405, "method-not-allowed", { path: "/v1/executions" }],
    [405, "method-not-allowed", { method: "DELETE", path: "/v1/languages" }],
    [
      405,
      "method-not-allowed",
      { method: "POST", path: "/healthz", headers: { "content-type": "application/json" }, body: "{}" },
    ],
    [404, "not-found", { path: "/v1/execution" }],
    [404, "not-found", { method: "POST", path: "/", headers: { "content-type": "application/json" }, body: "{}" }],
  ])("%i %s", async (status, code, sent) => {
    expect(await server.refused(sent)).toMatchObject({ status, code });
  });

  test("a client that is still sending a body that is too large gets the problem, not a broken pipe", async () => {
    const sent = text(`"${"x".repeat(16 * bodyLimitBytes)}"`);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await server.refused(sent)).toMatchObject({ status: 413, code: "payload-too-large" });
    }
    const chunked = { ...sent, headers: { ...sent.headers, "transfer-encoding": "chunked" } };
    expect(await server.refused(chunked)).toMatchObject({ status: 413, code: "payload-too-large" });
  });

  test("a refused method names the allowed one", async () => {
    expect((await server.send({ path: "/v1/executions" })).headers.allow).toBe("POST");
  });

  test("web pages of other origins and foreign host names are refused", async () => {
    const { port } = new URL(server.url);
    const from = (headers: Record<string, string>): Sent => {
      const sent = python({});
      return { ...sent, headers: { ...sent.headers, ...headers } };
    };
    const refused: Record<string, string>[] = [
      { origin: "https://example.com" },
      { origin: "null" },
      { origin: "http://localhost:1" },
      { host: `example.com:${port}` },
      { host: `localhost.example.com:${port}` },
    ];
    for (const headers of refused) {
      expect(await server.refused(from(headers))).toMatchObject({ status: 403, code: "forbidden-origin" });
    }
    const allowed: Record<string, string>[] = [
      { origin: server.url },
      { host: `localhost:${port}` },
      { host: `localhost:${port}`, origin: `http://localhost:${port}` },
    ];
    for (const headers of allowed) expect((await server.send(from(headers))).status).toBe(200);
  });

  test("an allowed host name passes", async () => {
    const other = await startServer(["--preload", "", "--pool-min", "0", "--allowed-hosts", "box.example"]);
    const { status } = await other.send({ path: "/healthz", headers: { host: "box.example" } });
    expect(status).toBe(200);
    await other.stop();
  });
});

describe("the end", () => {
  const long = "print('ready', flush=True)\nimport time; time.sleep(60)";

  test("SIGTERM lets programs end, cancels the others, answers all, ends with 0 and leaves nothing", async () => {
    const own = await startServer(["--preload", "json"]);
    const short = own.execute({ code: "import time; time.sleep(1); print('done')" });
    const endless = own.execute({ code: long });
    await untilRunning(own, 2);
    const traces = tracesOf(own.pid);
    expect(traces.processes).toBeGreaterThan(4);
    expect(traces.folders().length).toBeGreaterThan(0);
    own.child.kill("SIGTERM");
    await eventually("closing", async () => (await own.health()).status === "closing" || undefined, 2_000);
    expect((await own.send({ path: "/healthz" })).status).toBe(503);
    expect(await own.refused(program({ code: "1" }))).toMatchObject({ status: 503, code: "closed" });
    expect(await short).toMatchObject({ stdout: "done\n", outcome: { kind: "exited", code: 0 } });
    expect((await endless).outcome.kind).toBe("cancelled");
    expect(await own.ended).toMatchObject({ status: 0, signal: null });
    await eventually("every process is gone", () => traces.living().length === 0 || undefined, 1_000);
    expect(traces.folders()).toEqual([]);
  });

  test("SIGTERM right after the server has said that it listens leaves nothing either", async () => {
    const own = await startServer(["--preload", "json"]);
    own.child.kill("SIGTERM");
    expect(await own.ended).toMatchObject({ status: 0, signal: null });
    expect(tracesOf(own.pid).folders()).toEqual([]);
  });

  test("a second signal ends it at once", async () => {
    const own = await startServer(["--preload", ""]);
    const endless = own.execute({ code: long }).catch(() => {});
    await untilRunning(own, 1);
    const traces = tracesOf(own.pid);
    own.child.kill("SIGTERM");
    await eventually("closing", async () => (await own.health()).status === "closing" || undefined, 2_000);
    own.child.kill("SIGINT");
    expect((await own.ended).status).toBe(130);
    await endless;
    await eventually(`gone: ${traces.living()}`, () => traces.living().length === 0 || undefined, 2_000);
  });

  test("when the server is killed its sandboxes die with it, and the next one removes what it left", async () => {
    const own = await startServer(["--preload", "json"]);
    const lost = Promise.allSettled([own.execute({ code: long }), own.execute({ code: `import json\n${long}` })]);
    await untilRunning(own, 2);
    const traces = tracesOf(own.pid);
    expect(traces.processes).toBeGreaterThan(4);
    own.child.kill("SIGKILL");
    await own.ended;
    await eventually("every process is dead", () => traces.living().length === 0 || undefined, 2_000);
    await lost;
    expect(traces.folders()).not.toEqual([]);
    const next = await startServer(["--preload", "", "--pool-min", "0"]);
    expect(traces.folders()).toEqual([]);
    expect((await next.stop()).status).toBe(0);
  });

  test("a port that is taken is named, with 2", async () => {
    const { port } = new URL(server.url);
    const { status, stderr } = await glovebox(["serve", "--preload", "", "--pool-min", "0", "--port", port]);
    expect(status).toBe(2);
    expect(stderr).toContain(`cannot listen on 127.0.0.1 port ${port} (EADDRINUSE)`);
  });
});
