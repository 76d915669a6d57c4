import { headerSize, maxPayload } from "./kinds.ts";

/** One frame: four bytes of length (big endian), one byte of kind, the payload. */
export function encodeFrame(kind: number, payload: Uint8Array | object): Buffer[] {
  const body = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload));
  const header = Buffer.allocUnsafe(headerSize);
  header.writeUInt32BE(body.byteLength, 0);
  header.writeUInt8(kind, 4);
  return [header, Buffer.from(body.buffer, body.byteOffset, body.byteLength)];
}

/**
 * Cuts frames out of a stream. Holds at most one incomplete frame, whose size it has checked before collecting it.
 */
export class FrameDecoder {
  #pending: Buffer[] = [];
  #size = 0;

  /** Adds a piece of the stream; `next` gives the frames that are complete with it. */
  add(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#size += chunk.length;
  }

  /** Gives the next frame to `receive` if it is complete; false otherwise. Throws for a length over the maximum. */
  next(receive: (kind: number, payload: Buffer) => void): boolean {
    if (this.#size < headerSize) return false;
    const length = this.#peek(headerSize).readUInt32BE(0);
    if (length > maxPayload) throw new Error(`frame of ${length} bytes`);
    if (this.#size < headerSize + length) return false;
    const frame = this.#peek(headerSize + length);
    this.#drop(headerSize + length);
    receive(frame.readUInt8(4), frame.subarray(headerSize));
    return true;
  }

  /** Calls `receive` for each frame that is complete with this chunk, in order. Throws as `next` does. */
  push(chunk: Buffer, receive: (kind: number, payload: Buffer) => void): void {
    this.add(chunk);
    while (this.next(receive));
  }

  /** The first `size` bytes in one piece, left in place. */
  #peek(size: number): Buffer {
    const [first] = this.#pending;
    if (first !== undefined && first.length >= size) return first.subarray(0, size);
    const joined = Buffer.concat(this.#pending, this.#size);
    this.#pending = [joined];
    return joined.subarray(0, size);
  }

  #drop(size: number): void {
    const [first] = this.#pending;
    if (first === undefined) return;
    this.#size -= size;
    if (first.length === size) this.#pending.shift();
    else this.#pending[0] = first.subarray(size);
  }
}
