import type { ArtifactSink, Isolation, Metrics, Outcome, ProgramError, Stage } from "@glovebox/protocol";
import type { Lease } from "../pool/lease.ts";
import { ArtifactIntake } from "./artifact-intake.ts";
import type { Capture } from "./capture.ts";
import { classify, hasFailed } from "./classify.ts";
import { Exchange, type ExchangeEnd } from "./exchange.ts";
import { type Follower, FrameIntake } from "./frame-intake.ts";
import type { HandOver } from "./hand-over.ts";
import { WardenLine } from "./warden-line.ts";

/** What is run in a leased sandbox, and who is told of it. */
export interface TaskSetup extends Partial<Follower> {
  readonly stage: Stage;
  readonly handOver: Omit<HandOver, "artifacts">;
  /** Gets what the program says. */
  readonly capture: Capture;
  /** Gets the content of its files; without it they are measured and hashed. Closed when it is over. */
  readonly sink?: ArtifactSink | undefined;
  /** Ends it without a grace when it aborts. */
  readonly signal: AbortSignal;
  /** How the error of a program that has failed is read from the end of its standard error. */
  readonly readError?: ((text: string) => ProgramError | null) | undefined;
  /** Patterns of errors that mean that the memory limit is met. */
  readonly outOfMemory?: readonly string[];
}

/** How it ended. */
export interface TaskEnd {
  readonly outcome: Outcome;
  readonly metrics: Metrics;
  readonly isolation: Isolation;
  /** The warden's account; undefined when it gave none, which is a fault. */
  readonly frame: ExchangeEnd["frame"];
}

/** One that is under way. */
export interface RunningTask {
  /** Resolves when everything is over: the sandbox destroyed, its lease released, the sink closed. Never rejects. */
  readonly end: Promise<TaskEnd>;
  /** Has it ended: with SIGINT first if there is a grace. */
  cancel(graceMs: number): void;
  /** Reads no more of it until `resume`, for a follower that is slow. */
  hold(): void;
  resume(): void;
}

/** Runs a task in a leased sandbox, whose lease is released however it ends. */
export function runTask(lease: Lease, setup: TaskSetup): RunningTask {
  const { capture, sink, on, collectOutput = true, stage } = setup;
  const artifacts = new ArtifactIntake(capture, sink);
  const intake = new FrameIntake(capture, artifacts, { on, collectOutput });
  const exchange = new Exchange(new WardenLine(lease.sandbox.connection), intake, stage);
  return {
    end: follow(lease, exchange, setup).finally(() => artifacts.close()),
    cancel: (graceMs) => exchange.cancel(graceMs),
    hold: () => exchange.hold(),
    resume: () => exchange.resume(),
  };
}

async function follow(lease: Lease, exchange: Exchange, setup: TaskSetup): Promise<TaskEnd> {
  const { sandbox, isolation, queueMs } = lease;
  const { capture, handOver, sink, signal, readError, outOfMemory } = setup;
  const since = performance.now();
  const cancel = () => exchange.cancel(0);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    exchange.start({ ...handOver, artifacts: sink === undefined ? "hash" : "content" }, (limits) =>
      sandbox.limit(limits),
    );
    if (signal.aborted) cancel();
    const { outcome, frame } = await exchange.end;
    if (frame === undefined) sandbox.kill();
    if (hasFailed(outcome) && readError !== undefined) capture.foundError(readError(capture.errorText.text()));
    return {
      outcome: classify(outcome, capture.error, isolation, outOfMemory),
      metrics: { ...(frame?.metrics ?? unmeasured(since)), queueMs, ...samplesOf(setup) },
      isolation,
      frame,
    };
  } finally {
    signal.removeEventListener("abort", cancel);
    lease.release();
  }
}

/** What is known of a program whose warden has measured nothing. */
function unmeasured(since: number): Omit<Metrics, "queueMs"> {
  return { wallMs: performance.now() - since, cpuMs: 0, peakMemoryBytes: 0, startMs: 0 };
}

function samplesOf({ handOver, capture }: TaskSetup): Pick<Metrics, "samples"> {
  return handOver.sampleIntervalMs === undefined ? {} : { samples: capture.samples };
}
