/** A real server in a child process, and requests to it. */
import type { ChildProcess } from "node:child_process";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import {
  type ExecutionEvent,
  executionEventSchema,
  type FinishedExecution,
  finishedExecutionSchema,
  type Problem,
  problemSchema,
} from "@glovebox/protocol";
import { afterAll, beforeAll, expect } from "vitest";
import { z } from "zod";
import { eventually } from "../../packages/sandbox/test/support/host-slowness.ts";
import { type Ended, endOf } from "./child.ts";
import { type Call, startGlovebox } from "./glovebox.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

const healthSchema = z.strictObject({
  status: z.enum(["ok", "closing"]),
  version: z.string(),
  isolation: z.object({ backend: z.literal("namespaces") }),
  sandboxes: z.strictObject({ parked: z.int(), running: z.int(), waiting: z.int(), started: z.int() }),
});

export interface TestServer {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** How the process ended, when it has. */
  readonly ended: Promise<Ended>;
  send(sent: Sent): Promise<Answer>;
  /** The record of one program. */
  execute(body: object): Promise<FinishedExecution>;
  /** The problem with which a request is answered. */
  refused(sent: Sent): Promise<Problem>;
  health(): Promise<z.infer<typeof healthSchema>>;
  /** SIGTERM, and the end. */
  stop(): Promise<Ended>;
}

const json = { "content-type": "application/json" };

/** A request for a program; `accept` asks for its events. */
export function program(body: object, accept?: "text/event-stream"): Sent {
  return {
    method: "POST",
    path: "/v1/executions",
    headers: { ...json, ...(accept === undefined ? {} : { accept }) },
    body: JSON.stringify(body),
  };
}

/** Sends a request and resolves with the answer whose body nobody has read yet. `signal` leaves it. */
export function open(url: string, sent: Sent, signal?: AbortSignal): Promise<IncomingMessage> {
  const { method = "GET", path = "/", headers = {}, body } = sent;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, url),
      { method, headers, agent: false, ...(signal === undefined ? {} : { signal }) },
      resolve,
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function whole(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

/** Starts `glovebox serve` on a free port and resolves when it listens. */
export async function startServer(
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  call: Pick<Call, "detached"> = {},
): Promise<TestServer> {
  const child = startGlovebox(["serve", ...args, "--port", "0"], { ...call, env });
  const ended = endOf(child);
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /^glovebox listening on (\S+)$/m.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(({ status, stderr }) => reject(new Error(`the server ended with ${status}: ${stderr}`)), reject);
  });
  const send = async (sent: Sent) => whole(await open(url, sent));
  return {
    url,
    pid: child.pid ?? 0,
    child,
    ended,
    send,
    async execute(body) {
      const { status, text } = await send(program(body));
      if (status !== 200) throw new Error(`expected a record, got ${status} ${text}`);
      return finishedExecutionSchema.parse(JSON.parse(text));
    },
    async refused(sent) {
      const { status, headers, text } = await send(sent);
      const type = headers["content-type"];
      if (type !== "application/problem+json; charset=utf-8")
        throw new Error(`not a problem: ${status} ${type} ${text}`);
      const problem = problemSchema.parse(JSON.parse(text));
      if (problem.status !== status) throw new Error(`status ${status} disagrees with ${text}`);
      return problem;
    },
    health: async () => healthSchema.parse(JSON.parse((await send({ path: "/healthz" })).text)),
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** One server for all tests of a file, without preloaded libraries; it ends well after them. */
export function sharedServer(args: readonly string[] = []): () => TestServer {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startServer(["--preload", "", ...args]);
  });
  afterAll(async () => {
    expect((await server?.stop())?.status).toBe(0);
  });
  return () => {
    if (server === undefined) throw new Error("the server is started before the first test");
    return server;
  };
}

/** Waits until so many programs run. */
export const untilRunning = (server: TestServer, count: number) =>
  eventually(`${count} running`, async () => (await server.health()).sandboxes.running === count || undefined);

/** Reads the events of an answer to their end. */
export async function allEvents(answer: IncomingMessage): Promise<ExecutionEvent[]> {
  const events: ExecutionEvent[] = [];
  for await (const event of eventsOf(answer)) events.push(event);
  return events;
}

/** Reads the standard output from an answer's events, line by line as they come. */
export async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  for await (const event of eventsOf(answer)) {
    if (event.type !== "stdout") continue;
    const lines = (rest + event.text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Reads server-sent events from an answer as they come; each is checked against the protocol. */
export async function* eventsOf(answer: IncomingMessage): AsyncGenerator<ExecutionEvent> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of answer) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      if (block.startsWith(":")) continue; // a comment
      const match = /^event: (\S+)\nid: (\d+)\ndata: (.*)$/.exec(block);
      if (match === null) throw new Error(`not a server-sent event: ${block}`);
      const event = executionEventSchema.parse(JSON.parse(match[3] ?? ""));
      if (event.type !== match[1] || String(event.seq) !== match[2]) throw new Error(`fields disagree: ${block}`);
      yield event;
    }
  }
  if (rest !== "") throw new Error(`the stream ends inside an event: ${rest}`);
}
