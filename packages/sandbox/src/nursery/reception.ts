import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { parkedFrameSchema } from "@glovebox/protocol";
import { FrameDecoder } from "../frames/codec.ts";
import { kinds } from "../frames/kinds.ts";

/** Time a connection has to name its sandbox before it is dropped. */
const greetingTimeoutMs = 10_000;

/**
 * Listens where wardens connect. The socket lies in a folder that only this user and the nursery can enter;
 * a connection counts only when it names a sandbox that was asked for and has not reported yet.
 */
export class Reception {
  readonly #server: Server;
  readonly #expected = new Map<string, (socket: Socket) => void>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#greet(socket));
  }

  static async open(path: string): Promise<Reception> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, 1_024, resolve);
    });
    chmodSync(path, 0o666);
    return new Reception(server);
  }

  /** `arrived` is called once with the connection of the sandbox `id`; its first frame has been read. */
  expect(id: string, arrived: (socket: Socket) => void): void {
    this.#expected.set(id, arrived);
  }

  forget(id: string): void {
    this.#expected.delete(id);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #greet(socket: Socket): void {
    const decoder = new FrameDecoder();
    const drop = () => socket.destroy();
    socket.setTimeout(greetingTimeoutMs, drop);
    socket.on("error", drop);
    const read = (chunk: Buffer) => {
      try {
        decoder.push(chunk, (kind, payload) => {
          socket.off("data", read);
          const id = kind === kinds.parked ? parkedFrameSchema.parse(JSON.parse(payload.toString())).id : "";
          const arrived = this.#expected.get(id);
          this.#expected.delete(id);
          if (arrived === undefined) return drop();
          socket.setTimeout(0);
          socket.off("error", drop);
          socket.pause();
          arrived(socket);
        });
      } catch {
        drop();
      }
    };
    socket.on("data", read);
  }
}
