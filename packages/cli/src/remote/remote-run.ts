/**
 * A run on a server, over HTTP, in the shape of one in this process: who follows it does not know the difference.
 *
 * With `live` the answer is a stream of events, which is read as fast as its reader takes them, so that a slow reader
 * slows the program; without it the answer is the record. Closing the connection is what cancels: the server ends the
 * program at once, and this side has no record of it then (`RemoteCancelled`).
 */
import { type IncomingMessage, request as requestOverHttp } from "node:http";
import { request as requestOverTls } from "node:https";
import {
  binaryEventsWarning,
  type ExecutionEvent,
  executionEventSchema,
  type FinishedExecution,
  fieldPath,
  finishedExecutionSchema,
  ProblemError,
  problemSchema,
} from "@glovebox/protocol";
import type { Run, RunEvent } from "@glovebox/server/engine";
import { createParser } from "eventsource-parser";
import type { z } from "zod";

/** The run was cancelled from here, so that nobody knows how it ended. */
export class RemoteCancelled extends Error {}

export interface RemoteRun extends Run {
  /** Closes the connection. */
  cancel(): void;
}

/** Sends a program to a server. What goes wrong rejects `result`, and ends the events with the same error. */
export function startRemoteRun(server: URL, body: Buffer, live: boolean): RemoteRun {
  const url = new URL("v1/executions", server);
  const send = url.protocol === "https:" ? requestOverTls : requestOverHttp;
  const headers = {
    accept: live ? "text/event-stream" : "application/json",
    "content-type": "application/json",
    "content-length": body.length,
  };
  let cancelled = false;
  const request = send(url, { method: "POST", headers, agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
  });
  answered.catch(() => {}); // whoever reads the answer is told
  request.end(body);

  const named = (error: unknown) => {
    if (cancelled) return new RemoteCancelled();
    return error instanceof ProblemError ? error : unreachable(server, error);
  };
  const events = live ? readEvents(server, answered) : undefined;
  let settle: { resolve: (execution: FinishedExecution) => void; reject: (error: unknown) => void };
  const result = new Promise<FinishedExecution>((resolve, reject) => {
    settle = { resolve, reject };
  });
  result.catch(() => {}); // who reads the events alone gets the error there
  if (!live) {
    readRecord(server, answered).then(
      (execution) => settle.resolve(execution),
      (error: unknown) => settle.reject(named(error)),
    );
  }
  return {
    id: "",
    result,
    async *events() {
      try {
        for await (const event of events ?? []) {
          yield event;
          if (event.type === "finished") return settle.resolve(event.execution);
        }
        throw new Error("the server ended its answer before the program had ended");
      } catch (error) {
        settle.reject(named(error));
        throw named(error);
      }
    },
    cancel() {
      cancelled = true;
      request.destroy(new RemoteCancelled());
    },
  };
}

function unreachable(server: URL, cause: unknown): ProblemError {
  const reason = cause instanceof Error ? cause.message || String(Object(cause).code) : String(cause);
  return new ProblemError("server-unreachable", `${server.origin}: ${reason}`, { cause });
}

/** What a record, or one event, may have at most: as much as all that a program can say of itself, and its output. */
const maxRecordBytes = 256 * 1024 * 1024;
const maxProblemBytes = 1024 * 1024;

async function textOf(answer: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > most) throw new Error(`the server's answer is over ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Parses what the server sent. Its strict shapes are those of the version that this command line has. */
function parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  const result = schema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const place = fieldPath(result.error.issues[0]?.path ?? []);
  throw new Error(`it sent what this version does not understand, at ${place}; use one version on both sides`);
}

/** Throws the problem that an answer is; of one that is neither a problem nor a success, where it came from. */
async function refuseProblem(server: URL, answer: IncomingMessage, type: string): Promise<void> {
  const { statusCode = 0, headers } = answer;
  if (statusCode === 200 && headers["content-type"]?.startsWith(type)) return;
  const problem = problemSchema.safeParse(parseJson(await textOf(answer, maxProblemBytes))).data;
  if (problem !== undefined) throw new ProblemError(problem.code, problem.detail, { errors: problem.errors });
  const message = `${server.origin} answered with status ${statusCode} and ${headers["content-type"] ?? "no type"}`;
  throw new ProblemError("server-unreachable", `${message}, which is no answer of Glovebox`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readRecord(server: URL, answered: Promise<IncomingMessage>): Promise<FinishedExecution> {
  const answer = await answered;
  await refuseProblem(server, answer, "application/json");
  return parsed(finishedExecutionSchema, await textOf(answer, maxRecordBytes));
}

async function* readEvents(server: URL, answered: Promise<IncomingMessage>): AsyncGenerator<RunEvent> {
  const answer = await answered;
  await refuseProblem(server, answer, "text/event-stream");
  const read: ExecutionEvent[] = [];
  const parser = createParser({
    onEvent: ({ data }) => read.push(parsed(executionEventSchema, data)),
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") throw new Error(`an event is over ${maxRecordBytes} bytes`);
    },
    maxBufferSize: maxRecordBytes,
  });
  answer.setEncoding("utf8");
  for await (const chunk of answer) {
    parser.feed(String(chunk));
    for (const event of read.splice(0)) yield runEvent(event);
  }
}

const binaryWarnings: readonly string[] = [binaryEventsWarning("stdout"), binaryEventsWarning("stderr")];

/** Output as the bytes that the program wrote; that they are no text is then nothing to warn of. */
function runEvent({ seq: _, ...event }: ExecutionEvent): RunEvent {
  if (event.type === "finished") {
    const warnings = event.execution.warnings.filter((warning) => !binaryWarnings.includes(warning));
    return { type: "finished", execution: { ...event.execution, warnings } };
  }
  if (event.type === "rejected" || event.type === "cut") throw new Error(`the server sent '${event.type}', unasked`);
  if (event.type !== "stdout" && event.type !== "stderr") return event;
  const { type, text, dataBase64 } = event;
  return { type, data: dataBase64 === undefined ? Buffer.from(text) : Buffer.from(dataBase64, "base64") };
}
