/**
 * Requests to one server of Glovebox. What it sends is not trusted: bodies are bounded, shapes are checked, and a server
 * that falls silent is given up.
 */
import { Agent, type ClientRequest, type IncomingMessage, request as requestOverHttp } from "node:http";
import { Agent as AgentOverTls, request as requestOverTls } from "node:https";
import { fieldPath, ProblemError, problemSchema } from "@glovebox/protocol";
import type { z } from "zod";

/** How long a server may be silent, in milliseconds. */
export interface Patience {
  /** A stream of events has a comment each 15 seconds. */
  readonly silenceMs: number;
  /** Before the answer to a question that costs it nothing. */
  readonly aliveMs: number;
}

const defaultPatience: Patience = { silenceMs: 60_000, aliveMs: 10_000 };

/** What a record, or one event, may have at most: as much as all that a program can say of itself, and its output. */
export const maxRecordBytes = 256 * 1024 * 1024;
const maxProblemBytes = 1024 * 1024;

export interface Question {
  /** Below the server's address, without a leading '/'. */
  readonly path: string;
  /** Sent as JSON, by POST. */
  readonly body?: Uint8Array;
  /** Closes the connection when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

interface Sent {
  readonly request: ClientRequest;
  readonly answer: Promise<IncomingMessage>;
}

export class Connection {
  readonly #server: URL;
  readonly #patience: Patience;
  /** Keeps the connections of questions that come one after the other. */
  readonly #agent: Agent;

  constructor(server: URL, patience: Patience = defaultPatience) {
    this.#server = server;
    this.#patience = patience;
    this.#agent = server.protocol === "https:" ? new AgentOverTls({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** An answer of the wanted type whose body is unread. Throws the problem that it is, or `server-unreachable`. */
  async ask(type: string, question: Question): Promise<IncomingMessage> {
    try {
      const answer = await this.#headOf(type, question);
      await this.#refuseProblem(answer, type);
      return answer;
    } catch (error) {
      throw this.named(error);
    }
  }

  /** The same with its body, which is JSON of this shape. */
  async askJson<Schema extends z.ZodType>(schema: Schema, question: Question): Promise<z.infer<Schema>> {
    const answer = await this.ask("application/json", question);
    try {
      return parsed(schema, await this.#textOf(answer, maxRecordBytes));
    } catch (error) {
      throw this.named(error);
    }
  }

  /** The pieces of an answer as they come, as fast as they are taken. Throws when the server is silent for too long. */
  async *pieces(answer: IncomingMessage): AsyncGenerator<Buffer> {
    const pieces: AsyncIterator<Buffer> = answer[Symbol.asyncIterator]();
    try {
      for (;;) {
        const piece = await within(pieces.next(), this.#patience.silenceMs);
        if (piece === undefined) throw this.#silent();
        if (piece.done === true) return;
        yield piece.value;
      }
    } catch (error) {
      throw this.named(error);
    } finally {
      answer.destroy();
    }
  }

  /** What went wrong between here and the server, as a problem. */
  named(error: unknown): ProblemError {
    if (error instanceof ProblemError) return error;
    const reason = error instanceof Error ? error.message || String(Object(error).code) : String(error);
    return new ProblemError("server-unreachable", `${this.#server.origin}: ${reason}`, { cause: error });
  }

  #silent(): Error {
    return new Error(`it has said nothing for ${this.#patience.silenceMs / 1_000} s`);
  }

  /**
   * The head of an answer, however long it takes: a run may wait for its turn, and its files for the network. A server
   * that is silent meanwhile is asked whether it is there at all.
   */
  async #headOf(type: string, question: Question): Promise<IncomingMessage> {
    const { request, answer } = this.#send(type, question);
    for (;;) {
      const head = await within(answer, this.#patience.silenceMs);
      if (head !== undefined) return head;
      if (await this.#isThere()) continue;
      const late = await within(answer, 0);
      if (late !== undefined) return late;
      request.destroy();
      throw this.#silent();
    }
  }

  async #isThere(): Promise<boolean> {
    const { request, answer } = this.#send("application/json", { path: "healthz" });
    try {
      return (await within(answer, this.#patience.aliveMs)) !== undefined;
    } catch {
      return false;
    } finally {
      request.destroy();
    }
  }

  #send(type: string, { path, body, signal }: Question): Sent {
    const url = new URL(path, this.#server);
    const send = url.protocol === "https:" ? requestOverTls : requestOverHttp;
    const request = send(url, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        accept: type,
        ...(body === undefined ? {} : { "content-type": "application/json", "content-length": body.length }),
      },
      // The server may close a connection in the moment in which it is used again; a run is not sent twice.
      agent: body === undefined ? this.#agent : false,
      ...(signal === undefined ? {} : { signal }),
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      request.on("response", resolve);
      request.on("error", reject);
    });
    answer.catch(() => {}); // it may fail while nobody waits for it
    request.end(body);
    return { request, answer };
  }

  /** Throws the problem that an answer is; of one that is neither a problem nor a success, where it came from. */
  async #refuseProblem(answer: IncomingMessage, type: string): Promise<void> {
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 200 && statusCode < 300 && headers["content-type"]?.startsWith(type)) return;
    const problem = problemSchema.safeParse(parseJson(await this.#textOf(answer, maxProblemBytes))).data;
    if (problem !== undefined) throw ProblemError.of(problem);
    const message = `${this.#server.origin} answered with status ${statusCode} and ${headers["content-type"] ?? "no type"}`;
    throw new ProblemError("server-unreachable", `${message}, which is no answer of Glovebox`);
  }

  async #textOf(answer: IncomingMessage, most: number): Promise<string> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of this.pieces(answer)) {
      size += piece.length;
      if (size > most) throw new Error(`the server's answer is over ${most} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString();
  }
}

/** Parses what the server sent. Its strict shapes are those of the version that this command line has. */
export function parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  const result = schema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const place = fieldPath(result.error.issues[0]?.path ?? []);
  throw new Error(`it sent what this version does not understand, at ${place}; use one version on both sides`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a promise comes to; undefined when that takes longer. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
