import { type Problem, ProblemError } from "@glovebox/protocol";
import type { FastifyReply } from "fastify";

export const problemContentType = "application/problem+json; charset=utf-8";

/** What fastify refuses before a handler runs, in the words of the protocol. */
const byFastifyCode: Readonly<Record<string, (error: Error) => ProblemError>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new ProblemError("unsupported-media-type", "the body must be sent with 'content-type: application/json'"),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (cause) =>
    new ProblemError("invalid-request", "the body does not have the length that Content-Length names", { cause }),
  FST_ERR_BAD_URL: (cause) => new ProblemError("invalid-request", "the path is not a valid URL path", { cause }),
};

/** The problem of a body over the limit, which names the limit and what raises it. */
export function tooLarge(bodyLimitBytes: number): ProblemError {
  const mebibytes = Number((bodyLimitBytes / 1024 ** 2).toFixed(3));
  const limit = `${bodyLimitBytes} bytes (${mebibytes} MiB)`;
  const message = `the body is over this server's limit of ${limit}, which its option --body-limit raises`;
  return new ProblemError("payload-too-large", message, { errors: [{ field: "(body)", message }] });
}

export const isTooLarge = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "FST_ERR_CTP_BODY_TOO_LARGE";

/** Receives one line, or one block of lines, for the operator. */
export type Log = (line: string) => void;

/** The problem that an error means to the caller. What is not meant for the caller goes to the log only. */
export function toProblem(error: unknown, log: Log): Problem {
  if (error instanceof ProblemError) {
    if (error.code === "internal-error") log(describe(error));
    return error.toProblem();
  }
  const known = error instanceof Error && "code" in error ? byFastifyCode[String(error.code)] : undefined;
  if (known !== undefined) return known(error as Error).toProblem();
  log(describe(error));
  return new ProblemError("internal-error", "the request could not be served").toProblem();
}

function describe(error: unknown): string {
  return `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).header("content-type", problemContentType).send(JSON.stringify(problem));
}
