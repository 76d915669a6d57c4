import type { Duplex } from "node:stream";
import { FrameDecoder } from "../frames/codec.ts";

/*
 * The connection to the warden of one leased sandbox.
 *
 * A line is `new` until `open`, then `open`, then `closed` for good: by `close`, or by the one fault that it tells.
 * After that nothing is taken or told. Frames are taken one after the other in their order: while the work on one is
 * pending the next waits and nothing is read. `hold` stops the reading too, and lets what has been read be taken.
 * A connection that ends is a fault, which comes after the last frame that it brought.
 */

/** Who uses a line. */
export interface LineUser {
  /** Takes one frame. Throws, or rejects, when it is malformed. */
  take(kind: number, payload: Buffer): void | Promise<void>;
  /** Told once when the line breaks, with what happened to it. */
  fault(message: string): void;
}

export class WardenLine {
  readonly #connection: Duplex;
  readonly #decoder = new FrameDecoder();
  #user: LineUser | undefined;
  #held = false;
  /** The work on a frame is pending. */
  #busy = false;
  /** How the connection ended, while frames that it brought are still to be taken. */
  #ended: string | undefined;

  constructor(connection: Duplex) {
    this.#connection = connection;
  }

  /** Begins to read for the one who uses the line. A connection that is gone already is a fault at once. */
  open(user: LineUser): void {
    this.#user = user;
    const connection = this.#connection;
    if (connection.destroyed) {
      this.#fault("the sandbox ended before it was given its program"); // no event of the connection would say so
      return;
    }
    connection.on("error", (error: Error) => this.#end(`the connection to the sandbox broke: ${error.message}`));
    // One whose other half stays open ends without closing.
    for (const event of ["end", "close"]) connection.on(event, () => this.#end("the sandbox ended without a result"));
    connection.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#flow();
  }

  /** True while nothing is read because of `hold`. */
  get held(): boolean {
    return this.#held;
  }

  /** Sends frames, all of them in one write where they fit. Nothing is sent over a line that cannot take it. */
  send(parts: Iterable<Uint8Array>): void {
    if (!this.#connection.writable) return;
    this.#connection.cork();
    try {
      for (const part of parts) this.#connection.write(part);
    } finally {
      this.#connection.uncork();
    }
  }

  /** Reads no more until `resume`. */
  hold(): void {
    this.#held = true;
    this.#flow();
  }

  resume(): void {
    this.#held = false;
    this.#flow();
  }

  close(): void {
    this.#user = undefined;
    this.#connection.destroy();
  }

  #flow(): void {
    if (this.#user === undefined) return;
    if (this.#held || this.#busy) this.#connection.pause();
    else this.#connection.resume();
  }

  #receive(chunk: Buffer): void {
    this.#decoder.add(chunk);
    if (!this.#busy) this.#takeFrames();
  }

  /** Takes the frames that are complete, up to one whose work takes its time. */
  #takeFrames(): void {
    try {
      while (this.#user !== undefined && this.#decoder.next(this.#take)) if (this.#busy) return;
    } catch (error) {
      this.#broken(error);
    }
    if (this.#ended !== undefined) this.#fault(this.#ended);
  }

  readonly #take = (kind: number, payload: Buffer): void => {
    const work = this.#user?.take(kind, payload);
    if (work === undefined) return;
    this.#busy = true;
    this.#flow();
    work.then(
      () => this.#done(),
      (error: unknown) => this.#broken(error),
    );
  };

  #done(): void {
    this.#busy = false;
    this.#takeFrames();
    if (!this.#busy) this.#flow();
  }

  #end(how: string): void {
    this.#ended ??= how;
    if (!this.#busy) this.#fault(this.#ended);
  }

  #broken(error: unknown): void {
    this.#fault(`the sandbox broke its protocol: ${(error as Error).message}`);
  }

  #fault(message: string): void {
    const user = this.#user;
    this.close();
    user?.fault(message);
  }
}
