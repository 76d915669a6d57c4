import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { FinishedFrame } from "@glovebox/protocol";
import { encodeFrame } from "../../src/frames/codec.ts";
import { kinds } from "../../src/frames/kinds.ts";
import type { Lease } from "../../src/pool/lease.ts";
import { finishedFrame } from "./fake-lease.ts";

/** What a warden says of a compiler that it ran: the files of the product, its standard error, its end. */
export interface Account {
  readonly files?: readonly (readonly [path: string, content: string])[];
  readonly stderr?: string;
  readonly finished?: Partial<FinishedFrame>;
}

/** The end of a compiler with a status. */
export const ended = (code: number): Partial<FinishedFrame> => ({ outcome: { kind: "exited", code, violations: [] } });

function* framesOf({ files = [], stderr = "", finished = {} }: Account): Generator<Buffer> {
  if (stderr !== "") yield* encodeFrame(kinds.stderr, Buffer.from(stderr));
  for (const [path, content] of files) {
    yield* encodeFrame(kinds.artifact, { path, size: Buffer.byteLength(content) });
    if (content !== "") yield* encodeFrame(kinds.artifactData, Buffer.from(content));
  }
  yield* encodeFrame(kinds.finished, finishedFrame(finished));
}

/**
 * A place where sandboxes are leased that there are not: each gives at once the account that `tell` returns when it is
 * leased, which may take its time.
 */
export class FakeWardens {
  /** How many were leased. */
  leased = 0;
  tell: () => Promise<Account> | Account = () => ({});
  readonly #path: string;
  readonly #server: Server;
  readonly #wardens: Socket[] = [];

  constructor(folder: string) {
    this.#path = join(folder, "wardens.sock");
    this.#server = createServer((warden) => {
      this.#wardens.push(warden);
      warden.on("error", () => {});
      warden.once("data", async () => {
        for (const part of framesOf(await this.tell())) warden.write(part);
      });
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#path, resolve));
  }

  async lease(): Promise<Lease> {
    const connection = connect(this.#path);
    await new Promise((resolve) => connection.once("connect", resolve));
    connection.pause();
    this.leased += 1;
    const sandbox = { id: `${this.leased}`, connection, limit: () => {}, kill: () => connection.destroy() };
    const isolation = { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] } as const;
    return { sandbox, isolation: { ...isolation, waived: [] }, queueMs: 0, release: () => {} };
  }

  async close(): Promise<void> {
    for (const warden of this.#wardens) warden.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
