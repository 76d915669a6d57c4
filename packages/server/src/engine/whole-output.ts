import { isUtf8 } from "node:buffer";
import { unfinishedBytes } from "@glovebox/protocol";
import type { OutputEvent, OutputStream } from "./events.ts";

const streams = ["stdout", "stderr"] as const;
const nothing = new Uint8Array();

/**
 * Output in whole characters: the begin of one that is not over, at most three bytes of each stream, waits for the
 * rest of it.
 */
export class WholeOutput {
  readonly #unfinished: Record<OutputStream, Uint8Array> = { stdout: nothing, stderr: nothing };
  readonly #binary = new Set<OutputStream>();

  /** Streams that had bytes that are not UTF-8. */
  get binary(): readonly OutputStream[] {
    return [...this.#binary];
  }

  /** What there is of a stream up to the last character that is over; undefined when that is nothing. */
  take(type: OutputStream, data: Uint8Array): OutputEvent | undefined {
    const before = this.#unfinished[type];
    const bytes = before.length === 0 ? data : Buffer.concat([before, data]);
    const length = bytes.length - unfinishedBytes(bytes);
    this.#unfinished[type] = length === bytes.length ? nothing : new Uint8Array(bytes.subarray(length));
    return length === 0 ? undefined : this.#event(type, ownBytes(bytes.subarray(0, length)));
  }

  /** What is left of characters that never came to their end. `cutOff`: a limit is the reason. */
  rests(cutOff: boolean): OutputEvent[] {
    const left = streams.filter((type) => this.#unfinished[type].length > 0);
    return left.map((type) => {
      const data = this.#unfinished[type];
      this.#unfinished[type] = nothing;
      return cutOff ? { type, data, cutOff } : this.#event(type, data);
    });
  }

  #event(type: OutputStream, data: Uint8Array): OutputEvent {
    if (!isUtf8(data)) this.#binary.add(type);
    return { type, data };
  }
}

/** The bytes, in memory of their own when they are the lesser part of what they lie in: one byte can hold 64 KiB. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength * 2 < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes;
}
