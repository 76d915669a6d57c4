import type { ExecutionEvent } from "@glovebox/protocol";
import type { RunEvent } from "../engine/ports.ts";

type WithoutSeq<T> = T extends unknown ? Omit<T, "seq"> : never;
type TextEvent = WithoutSeq<ExecutionEvent>;

/**
 * Turns the events of one run into those of the protocol: output bytes become text, decoded as UTF-8
 * across chunk borders, and the events are numbered. Holds at most three bytes of each stream.
 */
export class EventText {
  readonly #decoders = {
    stdout: new TextDecoder("utf-8", { ignoreBOM: true }),
    stderr: new TextDecoder("utf-8", { ignoreBOM: true }),
  };
  #seq = 0;

  /** The server-sent events for one event of the run; empty when it only holds part of a character. */
  encode(event: RunEvent): string {
    switch (event.type) {
      case "stdout":
      case "stderr":
        return this.#output(event.type, this.#decoders[event.type].decode(event.data, { stream: true }));
      case "finished":
        return (
          this.#output("stdout", this.#decoders.stdout.decode()) +
          this.#output("stderr", this.#decoders.stderr.decode()) +
          this.#frame(event)
        );
      default:
        return this.#frame(event);
    }
  }

  #output(type: "stdout" | "stderr", text: string): string {
    return text === "" ? "" : this.#frame({ type, text });
  }

  #frame(event: TextEvent): string {
    const seq = this.#seq++;
    return `event: ${event.type}\nid: ${seq}\ndata: ${JSON.stringify({ ...event, seq })}\n\n`;
  }
}
