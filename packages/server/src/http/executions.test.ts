import { connect, type Socket } from "node:net";
import { finishedExecutionSchema, ProblemError } from "@glovebox/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { type FakeProgram, refusing } from "../testing/fake-programs.ts";
import { type Harness, parseEvents, parseProblem, startHarness } from "../testing/http-harness.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const eventStream = { accept: "text/event-stream" };
const program = { language: "python", code: "print(1)" };

/** As long as a test may take: one second, what there is by itself, is less than a busy machine stands still for. */
const patience = { timeout: 60_000 };

let harness: Harness | undefined;
let socket: Socket | undefined;
async function start(fake: FakeProgram, options: { heartbeatMs?: number } = {}): Promise<Harness> {
  harness = await startHarness(fake, options);
  return harness;
}
afterEach(async () => {
  socket?.destroy();
  await harness?.close();
  harness = undefined;
});

/** Sends the program over a bare socket, so that the test decides when to read and when to leave. */
function postOn(port: number, accept: string): Socket {
  const body = JSON.stringify(program);
  socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    `POST /v1/executions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: ${accept}\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

const untilCancelled: FakeProgram = async function* (_program, cancelled) {
  yield { type: "stdout", data: bytes("running") };
  await cancelled;
};

test("an execution is answered with its record", async () => {
  const { post, programs } = await start(function* () {
    yield { type: "stdout", data: bytes("hello\n") };
    yield { type: "stderr", data: bytes("careful\n") };
    return { value: 42 };
  });
  const answer = await post(program);
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(finishedExecutionSchema.parse(JSON.parse(answer.text))).toMatchObject({
    stdout: "hello\n",
    stderr: "careful\n",
    value: 42,
    outcome: { kind: "exited", code: 0 },
  });
  expect(programs.requests).toEqual([program]);
  expect(programs.calls[0]?.program).toMatchObject(program);
});

test("what the parser corrects is warned about in the record", async () => {
  const { post, programs } = await start(function* () {});
  const answer = await post({ ...program, limits: { timeoutMs: "500" } });
  expect(programs.calls[0]?.program.limits.timeoutMs).toBe(500);
  expect(JSON.parse(answer.text).warnings).toEqual(['limits.timeoutMs: the text "500" was read as the number 500']);
});

test("options of the compiler reach the sandbox in their order", async () => {
  const { post, programs } = await start(function* () {});
  await post({ language: "c", code: "int main;", compilerOptions: ["-O3", "-O0", "-DA=b c"] });
  expect(programs.calls[0]?.program.compilerOptions).toEqual(["-O3", "-O0", "-DA=b c"]);
});

test("files in base64 reach the sandbox as bytes", async () => {
  const { post, programs } = await start(function* () {});
  await post({
    entry: "a.py",
    files: [
      { name: "a.py", content: "1" },
      { name: "b", contentBase64: "AP8=" },
    ],
  });
  expect(programs.calls[0]?.program.files).toEqual([
    { name: "a.py", content: "1" },
    { name: "b", content: Buffer.from([0, 255]) },
  ]);
});

test("standard input in base64 reaches the sandbox as bytes", async () => {
  const { post, programs } = await start(function* () {});
  await post({ code: "1", stdinBase64: "AP8=" });
  expect(programs.calls[0]?.program).toMatchObject({ code: "1", stdin: Buffer.from([0, 255]) });
});

test("a stream carries every event in order and without gaps", async () => {
  const { post } = await start(function* () {
    yield { type: "stdout", data: bytes("one\n\n") };
    yield { type: "progress", fraction: 0.5, message: "half" };
    yield { type: "display", data: { "text/plain": "x" } };
    yield { type: "result", name: "n", value: [1] };
    yield { type: "stderr", data: bytes("two") };
    return { value: 7 };
  });
  const answer = await post(program, eventStream);
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  const events = parseEvents(answer.text);
  expect(events.map((event) => event.seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(events.map((event) => event.type)).toEqual([
    "started",
    "stdout",
    "progress",
    "display",
    "result",
    "stderr",
    "finished",
  ]);
  expect(events[1]).toEqual({ type: "stdout", text: "one\n\n", seq: 1 });
  expect(events[6]).toMatchObject({ execution: { value: 7, stdout: "", stderr: "" } });
});

test("characters that are split over chunks arrive whole, and each stream keeps its own rest", async () => {
  const euro = bytes("€");
  const { post } = await start(function* () {
    yield { type: "stdout", data: euro.subarray(0, 1) };
    yield { type: "stderr", data: euro.subarray(0, 2) };
    yield { type: "stdout", data: euro.subarray(1) };
    yield { type: "stderr", data: euro.subarray(2) };
    yield { type: "stdout", data: bytes("\uFEFFx") };
    yield { type: "stdout", data: euro.subarray(0, 2) };
  });
  const events = parseEvents((await post(program, eventStream)).text);
  expect(events.slice(1, -1)).toEqual([
    { type: "stdout", text: "€", seq: 1 },
    { type: "stderr", text: "€", seq: 2 },
    { type: "stdout", text: "\uFEFFx", seq: 3 },
    { type: "stdout", text: "\uFFFD", dataBase64: "4oI=", seq: 4 },
  ]);
});

test("a stream on which nothing happens has a comment from time to time", async () => {
  let hear = () => {};
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const silent: FakeProgram = async function* () {
    yield { type: "stdout", data: bytes("early") };
    await heard;
    yield { type: "stdout", data: bytes("late") };
  };
  const { port } = await start(silent, { heartbeatMs: 20 });
  let text = "";
  const client = postOn(port, "text/event-stream");
  client.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split(": heartbeat\n\n").length > 2) hear();
  });
  await vi.waitFor(() => expect(text).toContain("event: finished"), patience);
  expect(text.indexOf('"early"')).toBeLessThan(text.indexOf(": heartbeat\n\n"));
  expect(text.indexOf(": heartbeat\n\n")).toBeLessThan(text.indexOf('"late"'));
});

test.each([
  ["application/json", "JSON"],
  ["text/event-stream", "stream"],
])("a client that leaves before its answer (%s) cancels its run", async (accept) => {
  const { port, programs } = await start(untilCancelled);
  const client = postOn(port, accept);
  await vi.waitFor(() => expect(programs.calls[0]?.yielded).toBe(1), patience);
  expect(programs.calls[0]?.cancels).toEqual([]);
  client.destroy();
  await vi.waitFor(() => expect(programs.calls[0]?.ended).toBe(true), patience);
  expect(programs.calls[0]?.cancels).toHaveLength(1);
});

test("an answer that was read to its end cancels nothing", async () => {
  const { post, programs } = await start(function* () {});
  await post(program);
  await post(program, eventStream);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(programs.calls.map((call) => call.cancels)).toEqual([[], []]);
});

test("a client that reads nothing stops the program instead of filling the memory", async () => {
  const chunk = bytes("x".repeat(64 * 1024));
  const { port, programs } = await start(function* () {
    for (let index = 0; index < 100_000; index++) yield { type: "stdout", data: chunk };
  });
  const client = postOn(port, "text/event-stream");
  client.pause();
  await vi.waitFor(() => expect(programs.calls[0]?.yielded).toBeGreaterThan(0), patience);
  let before = -1;
  // One look alone may come while this process itself was held up.
  for (let same = 0; same < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = programs.calls[0]?.yielded ?? 0;
    same = now === before ? same + 1 : 0;
    before = now;
  }
  // The sockets of both sides hold a few MiB; the rest of the 6 GiB is never produced.
  expect(before).toBeLessThan(500);
  client.resume();
  await vi.waitFor(() => expect(programs.calls[0]?.yielded).toBeGreaterThan(before), patience);
});

test.each([["application/json"], ["text/event-stream"]])(
  "a run that cannot start is a plain problem with its status (%s)",
  async (accept) => {
    const { post } = await start(refusing(new ProblemError("sandbox-busy", "none became free within 10 s")));
    const problem = parseProblem(await post(program, { accept }));
    expect(problem).toMatchObject({ status: 503, code: "sandbox-busy", detail: "none became free within 10 s" });
  },
);
