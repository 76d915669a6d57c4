import { isUtf8 } from "node:buffer";
import type { ExecutionEvent } from "@glovebox/protocol";
import { type EngineEvent, isOutput, type LoggedEvent } from "../engine/index.ts";

type WithoutSeq<T> = T extends unknown ? Omit<T, "seq"> : never;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const made = new WeakMap<LoggedEvent, Buffer>();

/** An event as a server-sent event, made once for all who read it. */
export function frameOf(logged: LoggedEvent): Buffer {
  const known = made.get(logged);
  if (known !== undefined) return known;
  const { seq, event } = logged;
  const told: ExecutionEvent = { ...eventOf(event), seq };
  const frame = Buffer.from(`event: ${event.type}\nid: ${seq}\ndata: ${JSON.stringify(told)}\n\n`);
  made.set(logged, frame);
  return frame;
}

/** An event in the shape of the protocol: output is text, with its bytes where it is none. */
function eventOf(event: EngineEvent): WithoutSeq<ExecutionEvent> {
  if (!isOutput(event)) return event;
  const { type, data, cutOff } = event;
  const text = decoder.decode(data);
  if (cutOff === true || isUtf8(data)) return { type, text };
  return { type, text, dataBase64: Buffer.from(data).toString("base64") };
}
