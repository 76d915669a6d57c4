import type { Socket } from "node:net";
import { ProblemError } from "@glovebox/protocol";
import { problemContentType } from "./problem-reply.ts";

/** Answers what is not HTTP. There is no request and no reply object yet, so the answer is written by hand. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new ProblemError("invalid-request", `the HTTP request is malformed: ${error.message}`).toProblem();
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: ${problemContentType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
