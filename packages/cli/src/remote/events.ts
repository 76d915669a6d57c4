import type { IncomingMessage } from "node:http";
import { type ExecutionEvent, executionEventSchema } from "@glovebox/protocol";
import { createParser } from "eventsource-parser";
import { type Connection, maxRecordBytes, parsed } from "./connection.ts";

/** The events of an answer, as fast as they are taken. Ends where the answer does. */
export async function* readEvents(connection: Connection, answer: IncomingMessage): AsyncGenerator<ExecutionEvent> {
  const read: ExecutionEvent[] = [];
  const parser = createParser({
    onEvent: ({ data }) => read.push(parsed(executionEventSchema, data)),
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") throw new Error(`an event is over ${maxRecordBytes} bytes`);
    },
    maxBufferSize: maxRecordBytes,
  });
  const decoder = new TextDecoder();
  try {
    for await (const piece of connection.pieces(answer)) {
      parser.feed(decoder.decode(piece, { stream: true }));
      yield* read.splice(0);
    }
  } catch (error) {
    throw connection.named(error);
  }
}

/** The bytes that the program wrote. */
export function bytesOf({ text, dataBase64 }: Extract<ExecutionEvent, { type: "stdout" | "stderr" }>): Uint8Array {
  return dataBase64 === undefined ? Buffer.from(text) : Buffer.from(dataBase64, "base64");
}
