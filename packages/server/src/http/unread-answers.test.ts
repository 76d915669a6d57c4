import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { FakeProgram } from "../testing/fake-programs.ts";
import { type Harness, parseEvents, parseProblem, startHarness } from "../testing/http-harness.ts";

const program = { language: "python", code: "print(1)" };
const patience = { timeout: 60_000 };
const mib = 1024 * 1024;
/** Far more than the sockets of both sides hold. */
const large = "x".repeat(64 * mib);
const never = 2 ** 30;

let harness: Harness | undefined;
let client: Socket | undefined;
async function start(fake: FakeProgram, options: { stalledAfterMs?: number; maxUnreadBytes?: number }) {
  harness = await startHarness(fake, options);
  return harness;
}
afterEach(async () => {
  client?.destroy();
  await harness?.close();
  harness = undefined;
});

/** The first run has a large record; those after it have none. */
const largeFirst = (): FakeProgram => {
  let runs = 0;
  // biome-ignore lint/correctness/useYield: it has no events
  return function* () {
    return runs++ === 0 ? { stdout: large } : {};
  };
};

function request(accept: string): string {
  const body = JSON.stringify(program);
  return (
    `POST /v1/executions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: ${accept}\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`
  );
}

/** Sends the program and reads nothing of the answer. */
function postUnread(port: number, accept = "application/json"): Socket {
  client = connect({ port, host: "127.0.0.1" });
  client.on("error", () => {});
  client.pause();
  client.write(request(accept));
  return client;
}

/** Resolves when the answer has begun to come; no more of it is read than a few KiB. */
const answered = (socket: Socket) => once(socket, "readable");

/** Reads on, with a pause after each MiB; resolves with the bytes of body, when they are all or the server has gone. */
async function readOn(socket: Socket, pauseMs = 0): Promise<number> {
  let [all, sincePause] = [0, 0];
  socket.removeAllListeners("readable");
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      all += chunk.length;
      sincePause += chunk.length;
      if (all > large.length) break;
      if (pauseMs === 0 || sincePause < mib) continue;
      sincePause = 0;
      await sleep(pauseMs);
    }
  } catch {
    // The server has closed the connection.
  }
  return all;
}

test("an answer that nobody reads is given up", async () => {
  const { port, post } = await start(largeFirst(), { stalledAfterMs: 50, maxUnreadBytes: mib });
  const socket = postUnread(port);
  await answered(socket);
  await vi.waitFor(async () => expect((await post(program)).status).toBe(200), patience);
  expect(await readOn(socket)).toBeLessThan(large.length);
});

test("while too many answers are unread nothing is started, and once they are read it is", async () => {
  const { port, post, programs } = await start(largeFirst(), { stalledAfterMs: never, maxUnreadBytes: mib });
  const socket = postUnread(port);
  await answered(socket);
  for (const accept of ["application/json", "text/event-stream"]) {
    expect(parseProblem(await post(program, { accept }))).toMatchObject({
      status: 503,
      code: "sandbox-busy",
      detail: "the server holds too many answers that were not read yet",
    });
  }
  expect(programs.calls).toHaveLength(1);
  expect(await readOn(socket)).toBeGreaterThan(large.length);
  await vi.waitFor(async () => expect((await post(program)).status).toBe(200), patience);
});

test("an unread answer whose client goes away is no longer counted", async () => {
  const { port, post } = await start(largeFirst(), { stalledAfterMs: never, maxUnreadBytes: mib });
  const socket = postUnread(port);
  await answered(socket);
  expect((await post(program)).status).toBe(503);
  socket.destroy();
  await vi.waitFor(async () => expect((await post(program)).status).toBe(200), patience);
});

test("an answer that is read slowly arrives whole", { timeout: 120_000 }, async () => {
  let read = 0;
  // A machine that stands still for one of these times looks like a client that does not read.
  for (const stalledAfterMs of [400, 4_000, 12_000]) {
    const { port, close } = await start(largeFirst(), { stalledAfterMs });
    read = await readOn(postUnread(port), stalledAfterMs / 20);
    await close();
    if (read > large.length) break;
  }
  expect(read).toBeGreaterThan(large.length);
});

test("a stream that nobody reads cancels its run, also after a silence", async () => {
  const chunk = new TextEncoder().encode("x".repeat(64 * 1024));
  const { port, programs } = await start(
    async function* () {
      await sleep(250);
      for (;;) yield { type: "stdout", data: chunk };
    },
    { stalledAfterMs: 50 },
  );
  postUnread(port, "text/event-stream");
  await vi.waitFor(() => expect(programs.calls[0]?.ended).toBe(true), patience);
  expect(programs.calls[0]?.cancels).toHaveLength(1);
});

test("a program that is silent for long is not taken for a client that does not read", async () => {
  const { post, programs } = await start(
    async function* () {
      await sleep(250);
      yield { type: "stdout", data: new TextEncoder().encode("late") };
      await sleep(250);
    },
    { stalledAfterMs: 50 },
  );
  expect(JSON.parse((await post(program)).text)).toMatchObject({ stdout: "late" });
  const events = parseEvents((await post(program, { accept: "text/event-stream" })).text);
  expect(events.map(({ type }) => type)).toEqual(["started", "stdout", "finished"]);
  expect(programs.calls.map(({ cancels }) => cancels)).toEqual([[], []]);
});

test("an execution that is sent before the last answer has come is refused", async () => {
  const { port, programs } = await start(async function* () {
    yield { type: "stdout", data: new Uint8Array() };
    await sleep(50);
  }, {});
  client = connect({ port, host: "127.0.0.1" });
  client.write(request("application/json").repeat(2));
  let text = "";
  client.on("data", (data) => {
    text += data.toString();
  });
  await vi.waitFor(() => expect(text).toContain('"code":"invalid-request"'), patience);
  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "400"]);
  expect(programs.calls).toHaveLength(1);
  client.write(request("application/json"));
  await vi.waitFor(() => expect(programs.calls).toHaveLength(2), patience);
});
