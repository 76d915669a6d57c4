import { type ProblemCode, problemOf } from "@glovebox/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";

/** One way in which a route answers. */
interface RouteAnswer {
  readonly status: number;
  /** What its body is; without it there is none. */
  readonly type?: "application/json" | "text/event-stream" | "application/octet-stream";
  /** Of JSON, or of the data of each event. */
  readonly schema?: z.ZodType;
}

/** What a handler gets, with what the route has schemas for. */
export interface Call<Params = unknown, Query = unknown> {
  readonly params: Params;
  readonly query: Query;
  /** As it came; the handler, or what it calls, parses it. */
  readonly body: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One route of the server, with all that can be said of it without calling it. */
export interface Route<Params extends z.ZodType = z.ZodType, Query extends z.ZodType = z.ZodType> {
  readonly method: "GET" | "POST" | "DELETE";
  /** With `:name` for a segment and a last `*` for the rest of the path. */
  readonly url: string;
  readonly title: string;
  /** Who may call it: everyone, or those who may use the server. */
  readonly role: "everyone" | "user";
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: { readonly schema: z.ZodType; readonly required: boolean };
  readonly answers: readonly RouteAnswer[];
  /** Besides those that any route can have. */
  readonly problems: readonly ProblemCode[];
  /** Its answers can be large: it is refused while too many answers are unread. */
  readonly large?: true;
  /** An answer that goes on has no length, and none to HEAD. */
  readonly stream?: true;
  readonly handle: (call: Call<z.output<Params>, z.output<Query>>) => unknown;
}

/** Problems that any route can have. */
export const commonProblems: readonly ProblemCode[] = [
  "invalid-request",
  "forbidden-origin",
  "method-not-allowed",
  "internal-error",
];

/** A route with its types taken from its schemas, as one of a list of any. */
export function route<Params extends z.ZodType, Query extends z.ZodType>(one: Route<Params, Query>): Route {
  return one as unknown as Route;
}

/** Parses a part of a request. Throws `invalid-request`, which names the fields. */
export function parsePart<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw problemOf(parsed.error);
  return parsed.data;
}

/** Methods that a route answers. HEAD comes with GET. */
export function methodsOf({ method, stream }: Route): readonly string[] {
  return method === "GET" && stream !== true ? ["GET", "HEAD"] : [method];
}
