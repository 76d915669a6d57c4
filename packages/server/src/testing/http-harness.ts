import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { type ExecutionEvent, executionEventSchema, problemSchema } from "@glovebox/protocol";
import { definedOnly } from "../defined.ts";
import { createEngine, type Engine, type EngineOptions, type ExecutionStore } from "../engine/index.ts";
import { createHttp, type HttpOptions } from "../http/create-http.ts";
import { createMemoryStore } from "../store/index.ts";
import { createFakePrograms, type FakeProgram, type FakePrograms } from "./fake-programs.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Harness {
  readonly port: number;
  readonly engine: Engine;
  readonly programs: FakePrograms;
  readonly store: ExecutionStore;
  readonly logged: string[];
  send(method: string, path: string, headers?: Record<string, string>, body?: string | Buffer): Promise<Answer>;
  /** Posts a program as JSON; `accept` asks for a stream. */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

type HarnessOptions = Partial<HttpOptions> & EngineOptions & { readonly keepBytes?: number };

/** A listening server over fake programs. */
export async function startHarness(program: FakeProgram, options: HarnessOptions = {}): Promise<Harness> {
  const { keepBytes, windowBytes, maxWaitingBytes, ...httpOptions } = options;
  const programs = createFakePrograms(program);
  const store = createMemoryStore(definedOnly({ keepBytes }));
  const engine = createEngine(programs, store, definedOnly({ windowBytes, maxWaitingBytes }));
  const logged: string[] = [];
  const app = createHttp(engine, { version: "1.2.3", log: (line) => logged.push(line), ...httpOptions });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;

  const send: Harness["send"] = (method, path, headers = {}, body = "") =>
    new Promise((resolve, reject) => {
      const length = body.length === 0 ? {} : { "content-length": Buffer.byteLength(body) };
      const request = httpRequest(
        { port, method, path, headers: { ...length, ...headers }, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      request.on("error", reject);
      request.end(body);
    });

  return {
    port,
    engine,
    programs,
    store,
    logged,
    send,
    post: (body, headers = {}) =>
      send("POST", "/v1/executions", { "content-type": "application/json", ...headers }, JSON.stringify(body)),
    async close() {
      app.server.closeAllConnections();
      await app.close();
      await programs.close();
    },
  };
}

/** Reads a body of server-sent events, comments apart, and checks each against the protocol. */
export function parseEvents(text: string): ExecutionEvent[] {
  return text
    .split("\n\n")
    .filter((block) => block !== "" && !block.startsWith(":"))
    .map((block) => {
      const match = /^event: (\S+)\nid: (\d+)\ndata: (.*)$/.exec(block);
      if (match === null) throw new Error(`not a server-sent event: ${block}`);
      const event = executionEventSchema.parse(JSON.parse(match[3] ?? ""));
      if (event.type !== match[1] || String(event.seq) !== match[2]) throw new Error(`fields disagree: ${block}`);
      return event;
    });
}

/** Reads a problem body and checks it against the protocol. */
export function parseProblem(answer: Answer) {
  if (answer.headers["content-type"] !== "application/problem+json; charset=utf-8") {
    throw new Error(`not a problem: ${answer.headers["content-type"]} ${answer.text}`);
  }
  const problem = problemSchema.parse(JSON.parse(answer.text));
  if (problem.status !== answer.status) throw new Error(`status ${answer.status} disagrees with ${answer.text}`);
  return problem;
}
