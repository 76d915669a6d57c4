import { type Duplex, duplexPair } from "node:stream";
import { defaultLimits, type FinishedFrame, type Limits } from "@glovebox/protocol";
import { encodeFrame, FrameDecoder } from "../../src/frames/codec.ts";
import { kinds } from "../../src/frames/kinds.ts";
import type { HandOver } from "../../src/lease/hand-over.ts";
import type { Lease, LeasedSandbox } from "../../src/pool/lease.ts";

export { kinds };

/** The last frame of a warden whose program exited with 0, with other fields where `change` has them. */
export function finishedFrame(change: Partial<FinishedFrame> = {}): FinishedFrame {
  return {
    outcome: { kind: "exited", code: 0, violations: [] },
    metrics: { wallMs: 1, cpuMs: 2, peakMemoryBytes: 3, startMs: 4 },
    skipped: [],
    notListed: 0,
    warnings: [],
    ...change,
  };
}

/** What is handed over of a program that needs nothing. */
export const nothing: Omit<HandOver, "artifacts"> = {
  limits: defaultLimits,
  inputs: { files: [], stdin: { size: 0, data: new Uint8Array() }, remove: async () => {} },
  task: { body: Buffer.from("{}"), job: null },
  sampleIntervalMs: undefined,
};

/** A lease of a sandbox that there is not; a test says what its warden does. */
export class FakeLease implements Lease {
  readonly isolation = { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] } as Lease["isolation"];
  readonly queueMs = 7;
  readonly warden: Duplex;
  readonly sandbox: LeasedSandbox;
  /** Kinds of the frames that the warden got, in their order. */
  readonly got: number[] = [];
  /** Payloads of the frames of each kind. */
  readonly payloads: Buffer[] = [];
  limited: Limits | undefined;
  killed = 0;
  released = 0;

  constructor() {
    const [host, warden] = duplexPair({ readableHighWaterMark: 64 });
    this.warden = warden;
    warden.on("error", () => {});
    const decoder = new FrameDecoder();
    warden.on("data", (chunk: Buffer) =>
      decoder.push(chunk, (kind, payload) => {
        this.got.push(kind);
        this.payloads.push(Buffer.from(payload));
      }),
    );
    this.sandbox = {
      id: "fake",
      connection: host,
      limit: (limits) => {
        this.limited = limits;
      },
      kill: () => {
        this.killed += 1;
      },
    };
  }

  release(): void {
    this.released += 1;
  }

  /** The warden sends a frame. */
  send(kind: number, payload: Uint8Array | object): void {
    this.warden.write(Buffer.concat(encodeFrame(kind, payload)));
  }

  finish(change: Partial<FinishedFrame> = {}): void {
    this.send(kinds.finished, finishedFrame(change));
  }
}
