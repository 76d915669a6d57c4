import { binaryEventsWarning, type ExecutionEvent, type FinishedExecution, unfinishedBytes } from "@glovebox/protocol";
import type { RunEvent } from "../engine/ports.ts";

type WithoutSeq<T> = T extends unknown ? Omit<T, "seq"> : never;
type TextEvent = WithoutSeq<ExecutionEvent>;
type Stream = "stdout" | "stderr";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Turns the events of one run into those of the protocol: output bytes become text, decoded as UTF-8
 * across chunk borders, and the events are numbered. Holds at most three bytes of each stream.
 */
export class EventText {
  readonly #unfinished: Record<Stream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  readonly #binary = new Set<Stream>();
  #seq = 0;

  /** The server-sent events for one event of the run; empty when it only holds part of a character. */
  encode(event: RunEvent): string {
    switch (event.type) {
      case "stdout":
      case "stderr":
        return this.#output(event.type, this.#whole(event.type, event.data));
      case "finished":
        return (
          this.#rests(event.execution) + this.#frame({ type: "finished", execution: this.#warned(event.execution) })
        );
      default:
        return this.#frame(event);
    }
  }

  /** What there is of a stream up to the last character that is over. */
  #whole(stream: Stream, data: Uint8Array): Uint8Array {
    const before = this.#unfinished[stream];
    const bytes = before.length === 0 ? data : Buffer.concat([before, data]);
    const whole = bytes.subarray(0, bytes.length - unfinishedBytes(bytes));
    this.#unfinished[stream] = Buffer.from(bytes.subarray(whole.length));
    return whole;
  }

  #output(type: Stream, bytes: Uint8Array): string {
    if (bytes.length === 0) return "";
    try {
      return this.#frame({ type, text: strict.decode(bytes) });
    } catch {
      this.#binary.add(type);
      return this.#frame({ type, text: lenient.decode(bytes), dataBase64: Buffer.from(bytes).toString("base64") });
    }
  }

  /** What is left of characters that are not over. Where a limit has cut the output, that makes it no binary one. */
  #rests({ outcome }: FinishedExecution): string {
    const streams = (["stdout", "stderr"] as const).filter((type) => this.#unfinished[type].length > 0);
    if (outcome.kind !== "output-limit")
      return streams.map((type) => this.#output(type, this.#unfinished[type])).join("");
    return streams.map((type) => this.#frame({ type, text: lenient.decode(this.#unfinished[type]) })).join("");
  }

  #warned(execution: FinishedExecution): FinishedExecution {
    if (this.#binary.size === 0) return execution;
    return { ...execution, warnings: [...execution.warnings, ...[...this.#binary].map(binaryEventsWarning)] };
  }

  #frame(event: TextEvent): string {
    const seq = this.#seq++;
    return `event: ${event.type}\nid: ${seq}\ndata: ${JSON.stringify({ ...event, seq })}\n\n`;
  }
}
