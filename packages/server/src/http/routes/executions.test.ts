import { executionPageSchema, executionSchema, ProblemError } from "@glovebox/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { type FakeProgram, refusing } from "../../testing/fake-programs.ts";
import { type Harness, parseEvents, parseProblem, startHarness } from "../../testing/http-harness.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const program = { language: "python", code: "print(1)" };
const respondAsync = { prefer: "respond-async" };
const patience = { timeout: 60_000 };

let harness: Harness | undefined;
async function start(fake: FakeProgram, options: Parameters<typeof startHarness>[1] = {}): Promise<Harness> {
  harness = await startHarness(fake, options);
  return harness;
}
afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

/** A program that starts and ends when the test says so. */
function held() {
  const gates = { start: () => {}, end: () => {} };
  const started = new Promise<void>((resolve) => (gates.start = resolve));
  const ended = new Promise<void>((resolve) => (gates.end = resolve));
  const fake: FakeProgram = async function* () {
    await started;
    yield { type: "stdout", data: bytes("one\n") };
    await ended;
    yield { type: "stdout", data: bytes("two\n") };
    return { value: 42 };
  };
  return { ...gates, go: () => [gates.start(), gates.end()], gates, fake };
}

async function execution({ send }: Harness, id: string) {
  return executionSchema.parse(JSON.parse((await send("GET", `/v1/executions/${id}`)).text));
}

const idOf = (answer: { text: string }) => String(JSON.parse(answer.text).id);

test("an execution answered at once is queued, then runs, then is finished", async () => {
  const { fake, gates } = held();
  const server = await start(fake);
  const answer = await server.post(program, respondAsync);
  const id = idOf(answer);
  expect(answer.status).toBe(202);
  expect(answer.headers).toMatchObject({
    location: `/v1/executions/${id}`,
    "preference-applied": "respond-async",
    "content-type": "application/json; charset=utf-8",
  });
  expect(executionSchema.parse(JSON.parse(answer.text)).status).toBe("queued");
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect((await execution(server, id)).status).toBe("queued");
  gates.start();
  await vi.waitFor(async () => expect((await execution(server, id)).status).toBe("running"), patience);
  gates.end();
  await vi.waitFor(async () => expect((await execution(server, id)).status).toBe("finished"), patience);
  expect(await execution(server, id)).toMatchObject({ stdout: "one\ntwo\n", value: 42 });
  expect(server.programs.calls[0]?.io.waitMs).toBe(Number.POSITIVE_INFINITY);
});

test("the record that is fetched is the answer of the run, byte for byte", async () => {
  const { post, send } = await start(function* () {
    yield { type: "stdout", data: bytes("hello") };
  });
  const answer = await post(program);
  const fetched = await send("GET", `/v1/executions/${idOf(answer)}`);
  expect(fetched.text).toBe(answer.text);
  expect(fetched.headers["content-type"]).toBe("application/json; charset=utf-8");
});

test("a run that was answered as a stream has its output in the record", async () => {
  const server = await start(function* () {
    yield { type: "stdout", data: bytes("hello") };
    yield { type: "stderr", data: new Uint8Array([255]) };
  });
  const events = parseEvents((await server.post(program, { accept: "text/event-stream" })).text);
  const last = events.at(-1);
  if (last?.type !== "finished") throw new Error("no end");
  expect(last.execution).toMatchObject({ stdout: "", stderr: "" });
  expect(last.execution.stderrBase64).toBeUndefined();
  expect(last.execution.warnings).toEqual(["stderr is not UTF-8: the events' dataBase64 has its bytes"]);
  expect(await execution(server, last.execution.id)).toMatchObject({
    stdout: "hello",
    stderrBase64: "/w==",
    warnings: ["stderr is not UTF-8: stderrBase64 has its bytes"],
  });
});

test("an execution that never started is rejected with its problem, and is listed", async () => {
  const server = await start(refusing(new ProblemError("sandbox-busy", "none became free")));
  expect(parseProblem(await server.post(program)).code).toBe("sandbox-busy");
  const { executions } = executionPageSchema.parse(JSON.parse((await server.send("GET", "/v1/executions")).text));
  expect(executions).toMatchObject([{ status: "rejected", problem: { code: "sandbox-busy" } }]);
  const events = await server.send("GET", `/v1/executions/${executions[0]?.id}/events`);
  expect(parseEvents(events.text)).toMatchObject([{ type: "rejected", seq: 0, problem: { code: "sandbox-busy" } }]);
});

test("what is refused before it is accepted is not kept", async () => {
  const server = await start(function* () {});
  expect((await server.post({ code: 1 })).status).toBe(400);
  expect((await server.post({ language: "klingon", code: "1" })).status).toBe(400);
  expect((await server.post({ code: 1 }, respondAsync)).status).toBe(400);
  expect(JSON.parse((await server.send("GET", "/v1/executions")).text)).toEqual({ executions: [], nextCursor: null });
});

test("requests that wait without a limit of time are bounded in bytes", async () => {
  const { fake, go } = held();
  const server = await start(fake, { maxWaitingBytes: 10_000 });
  expect((await server.post(program, respondAsync)).status).toBe(202);
  expect((await server.post(program, respondAsync)).status).toBe(202);
  const refused = parseProblem(await server.post(program, respondAsync));
  expect(refused).toMatchObject({ code: "sandbox-busy", detail: "too many executions wait for a sandbox already" });
  expect(server.programs.calls).toHaveLength(2);
  go();
  await vi.waitFor(async () => expect((await server.post(program, respondAsync)).status).toBe(202), patience);
});

test("lists are filtered, go page by page, and name what is wrong in a query", async () => {
  // biome-ignore lint/correctness/useYield: it has no events
  const { post, send } = await start(function* ({ language }) {
    return language === "python" ? {} : { outcome: { kind: "out-of-memory", stage: "run", violations: [] } };
  });
  const ids: string[] = [];
  for (const language of ["python", "js", "python", "lua"]) ids.push(idOf(await post({ language, code: "1" })));
  const list = async (query: string) =>
    executionPageSchema.parse(JSON.parse((await send("GET", `/v1/executions${query}`)).text));
  const listed = async (query: string) => (await list(query)).executions.map(({ id }) => ids.indexOf(id));
  expect(await listed("")).toEqual([3, 2, 1, 0]);
  expect(await listed("?language=python")).toEqual([2, 0]);
  expect(await listed("?outcome=out-of-memory")).toEqual([3, 1]);
  expect(await listed("?status=running")).toEqual([]);
  const first = await list("?limit=3");
  await post(program);
  expect(first.executions.map(({ id }) => ids.indexOf(id))).toEqual([3, 2, 1]);
  expect(await listed(`?limit=3&cursor=${first.nextCursor}`)).toEqual([0]);

  const wrong = async (query: string) => parseProblem(await send("GET", `/v1/executions${query}`)).errors;
  const limit = [{ field: "limit", message: "must be a whole number from 1 to 500" }];
  for (const value of ["0", "501", "1.5", "-1", "x", "9".repeat(400)])
    expect(await wrong(`?limit=${value}`)).toEqual(limit);
  expect((await wrong("?status=done"))[0]?.field).toBe("status");
  expect((await wrong("?outcome=fine"))[0]?.field).toBe("outcome");
  expect((await wrong("?cursor=!"))[0]?.field).toBe("cursor");
  expect((await wrong("?limit=1&limit=2"))[0]?.field).toBe("limit");
  expect((await wrong("?colour=red"))[0]?.field).toBe("colour");
});

test("events are replayed, then live, for several readers; leaving cancels nothing", async () => {
  const { fake, gates } = held();
  const server = await start(fake);
  const id = idOf(await server.post(program, respondAsync));
  const path = `/v1/executions/${id}/events`;
  const early = server.send("GET", path);
  gates.start();
  await vi.waitFor(() => expect(server.programs.calls[0]?.yielded).toBe(1), patience);
  const late = server.send("GET", path);
  const after = server.send("GET", path, { "last-event-id": "0" });
  const leaving = await fetch(`http://127.0.0.1:${server.port}${path}`);
  expect(leaving.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  await leaving.body?.cancel();
  gates.end();
  const events = parseEvents((await early).text);
  expect(events.map(({ type, seq }) => [type, seq])).toEqual([
    ["started", 0],
    ["stdout", 1],
    ["stdout", 2],
    ["finished", 3],
  ]);
  expect((await late).text).toBe((await early).text);
  expect(parseEvents((await after).text)).toEqual(events.slice(1));
  expect(parseEvents((await server.send("GET", path)).text)).toEqual(events);
  expect(server.programs.calls[0]?.cancels).toEqual([]);
});

test("a stream of a queued execution has comments from its beginning", async () => {
  const { fake, go } = held();
  const server = await start(fake, { heartbeatMs: 5 });
  const id = idOf(await server.post(program, respondAsync));
  const stream = await fetch(`http://127.0.0.1:${server.port}/v1/executions/${id}/events`);
  const reader = stream.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  expect(Buffer.from(value ?? []).toString()).toContain(": heartbeat\n\n");
  go();
  await reader?.cancel();
});

test("a client that has the last event is told not to connect again", async () => {
  const server = await start(function* () {});
  const id = idOf(await server.post(program));
  const again = (last: string) => server.send("GET", `/v1/executions/${id}/events`, { "last-event-id": last });
  expect((await again("1")).status).toBe(204);
  expect((await again("999999999999999")).status).toBe(204);
  for (const last of ["-1", "x", "1.5", "9".repeat(5_000)]) {
    expect(parseProblem(await again(last)).errors[0]?.field).toBe("Last-Event-ID");
  }
});

test("events that are held no more are one event in their place", async () => {
  const server = await start(
    function* () {
      for (let index = 0; index < 100; index++) yield { type: "stdout", data: bytes("x".repeat(1_000)) };
    },
    { windowBytes: 5_000 },
  );
  const id = idOf(await server.post(program));
  const events = parseEvents((await server.send("GET", `/v1/executions/${id}/events`)).text);
  expect(events.map(({ type, seq }) => [type, seq])).toEqual([
    ["cut", 97],
    ["stdout", 98],
    ["stdout", 99],
    ["stdout", 100],
    ["finished", 101],
  ]);
  expect(events[0]).toEqual({ type: "cut", from: 0, seq: 97 });
});

test("a cancelled execution ends with its grace, and cancelling again answers its record", async () => {
  const server = await start(async function* (_program, cancelled) {
    yield { type: "stdout", data: bytes("running") };
    await cancelled;
  });
  const id = idOf(await server.post(program, respondAsync));
  await vi.waitFor(() => expect(server.programs.calls[0]?.yielded).toBe(1), patience);
  const json = { "content-type": "application/json" };
  const cancel = (body = "", headers = {}) => server.send("POST", `/v1/executions/${id}/cancel`, headers, body);
  expect(parseProblem(await cancel('{"graceMs":-1}', json)).errors[0]?.field).toBe("graceMs");
  expect(parseProblem(await cancel('{"grace":1}', json)).errors[0]?.field).toBe("grace");
  const answer = await cancel('{"graceMs":500}', json);
  expect([answer.status, JSON.parse(answer.text).id]).toEqual([202, id]);
  await vi.waitFor(async () => expect((await execution(server, id)).status).toBe("finished"), patience);
  expect(server.programs.calls[0]?.cancels).toEqual([{ graceMs: 500 }]);
  const again = await cancel();
  expect([again.status, JSON.parse(again.text)]).toMatchObject([202, { outcome: { kind: "cancelled" } }]);
  expect(server.programs.calls[0]?.cancels).toHaveLength(1);
});

test("one that is over can be deleted, one that is not cannot", async () => {
  const { fake, gates, go } = held();
  const server = await start(fake);
  const id = idOf(await server.post(program, respondAsync));
  expect(parseProblem(await server.send("DELETE", `/v1/executions/${id}`))).toMatchObject({
    status: 409,
    code: "execution-running",
  });
  go();
  await vi.waitFor(async () => expect((await execution(server, id)).status).toBe("finished"), patience);
  gates.end();
  const deleted = await server.send("DELETE", `/v1/executions/${id}`);
  expect([deleted.status, deleted.text]).toEqual([204, ""]);
  expect(parseProblem(await server.send("DELETE", `/v1/executions/${id}`)).code).toBe("not-found");
});

test.each(["x", "..", "%00", "%2e%2e%2f", "a%2fb", "'; --", "\u{1f9e4}", "x".repeat(5_000), "__proto__"])(
  "an id that is none is not found: %j",
  async (id) => {
    const { send } = await start(function* () {});
    const path = `/v1/executions/${id.includes("%") ? id : encodeURIComponent(id)}`;
    for (const [method, at] of [
      ["GET", path],
      ["DELETE", path],
      ["GET", `${path}/events`],
      ["POST", `${path}/cancel`],
      ["GET", `${path}/artifacts/x`],
    ] as const) {
      expect(parseProblem(await send(method, at)).code).toBe("not-found");
    }
  },
);
