/** A server that answers each request as the test says. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultLimits, type ExecutionEvent, type FinishedExecution } from "@glovebox/protocol";
import { onTestFinished } from "vitest";

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Script = (request: Request, response: ServerResponse) => void;

/** Its address, and what it was asked. It is gone after the test. */
export async function scriptedServer(script: Script) {
  const asked: Request[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(pieces).toString() };
      asked.push(one);
      script(one, response);
    });
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return { url, asked, paths: () => asked.map(({ method, path }) => `${method} ${path}`) };
}

export const json = { "content-type": "application/json; charset=utf-8" };
export const stream = { "content-type": "text/event-stream; charset=utf-8" };

type WithoutSeq<T> = T extends unknown ? Omit<T, "seq"> : never;

/** Events as they travel, numbered from 0. */
export function sent(...events: readonly WithoutSeq<ExecutionEvent>[]): string {
  return events
    .map((event, seq) => `event: ${event.type}\nid: ${seq}\ndata: ${JSON.stringify({ seq, ...event })}\n\n`)
    .join("");
}

const isolation: FinishedExecution["isolation"] = {
  backend: "namespaces",
  cgroups: "v2",
  uids: "separate",
  waived: [],
};

export const started = { type: "started", id: "one", isolation } as const;

/** A record of a program that exited with 0, but for what is given. */
export function record(fields: Partial<FinishedExecution> = {}): FinishedExecution {
  return {
    id: "one",
    status: "finished",
    language: "python",
    limits: defaultLimits,
    createdAt: "2026-01-31T08:15:00.000Z",
    startedAt: "2026-01-31T08:15:00.001Z",
    finishedAt: "2026-01-31T08:15:00.002Z",
    outcome: { kind: "exited", code: 0, stage: "run", violations: [] },
    ...{ stdout: "", stderr: "", value: null, results: {}, variables: {}, displays: [], artifacts: [], error: null },
    metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
    ...{ findings: [], warnings: [], isolation },
    ...fields,
  };
}

/** The event that ends a run, with such a record. */
export const finished = (fields: Partial<FinishedExecution> = {}) =>
  ({ type: "finished", execution: record(fields) }) as const;
