/**
 * Sandboxes for tests: a program is a generator of events, run in this process without any isolation.
 * Like the real ones they go only as fast as their reader, and stop when they are cancelled.
 */
import {
  defaultCompileLimits,
  defaultLimits,
  type FinishedExecution,
  type Isolation,
  type Language,
  ProblemError,
} from "@glovebox/protocol";
import type { ExecutionSpec, Run, RunEvent, RunOptions, SandboxPort } from "../engine/index.ts";
import { Handoff } from "./handoff.ts";

export type FakeEvent = Exclude<RunEvent, { type: "started" | "finished" }>;

// biome-ignore lint/suspicious/noConfusingVoidType: a generator that returns nothing returns void
type Ending = Partial<FinishedExecution> | void;

/** What a program yields is seen by the caller; what it returns goes into the record. */
export type FakeProgram = (
  spec: ExecutionSpec,
  cancelled: Promise<void>,
) => AsyncGenerator<FakeEvent, Ending> | Generator<FakeEvent, Ending>;

export interface FakeCall {
  readonly spec: ExecutionSpec;
  readonly options: RunOptions;
  /** One entry for each call of `cancel`. */
  readonly cancels: { readonly graceMs?: number }[];
  /** Events that the program has yielded so far. */
  yielded: number;
  ended: boolean;
}

export interface FakeSandboxes extends SandboxPort {
  readonly calls: FakeCall[];
  readonly closed: boolean;
  close(): Promise<void>;
}

const isolation: Isolation = { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] };
const never: FinishedExecution["outcome"] = { kind: "cancelled", stage: "run", violations: [] };

/** One language that runs and one whose toolchain is missing. */
const languages: readonly Language[] = [
  {
    name: "python",
    title: "Python",
    aliases: ["py"],
    extensions: [".py"],
    version: "3.11.2",
    available: true,
    install: null,
  },
  {
    name: "lua",
    title: "Lua",
    aliases: [],
    extensions: [".lua"],
    version: null,
    available: false,
    install: "./glovebox setup lua",
  },
];

/** What programs of each language can load. */
const listed = { packages: [{ name: "numpy", version: "1.24.2" }], packagesNote: "The standard library besides." };

export function createFakeSandboxes(program: FakeProgram): FakeSandboxes {
  const calls: FakeCall[] = [];
  const running = new Set<Run>();
  let closed = false;

  return {
    isolation,
    calls,
    get closed() {
      return closed;
    },
    stats: () => ({ parked: 1, running: running.size, waiting: 0, started: calls.length }),
    async languages({ names, packages } = {}) {
      const unknown = names?.find((name) => !languages.some((language) => language.name === name));
      if (unknown !== undefined) throw new ProblemError("unknown-language", `language: '${unknown}' is not known`);
      const chosen = languages.filter(({ name }) => names?.includes(name) ?? true);
      return packages === true ? chosen.map((language) => ({ ...language, ...listed })) : chosen;
    },
    execute(spec, options = {}) {
      const call: FakeCall = { spec, options, cancels: [], yielded: 0, ended: false };
      calls.push(call);
      const run = startFakeRun(`fake-${calls.length}`, program, call);
      running.add(run);
      const settle = () => running.delete(run);
      run.result.then(settle, settle);
      return run;
    },
    async close() {
      closed = true;
      for (const run of running) run.cancel();
      await Promise.allSettled([...running].map((run) => run.result));
    },
  };
}

/** A program that ends at once, with this in its record. */
export function ending(record: Partial<FinishedExecution>): FakeProgram {
  // biome-ignore lint/correctness/useYield: it has no events
  return function* () {
    return record;
  };
}

/** A program that never starts, for the reason given. */
export function refusing(problem: ProblemError): FakeProgram {
  // biome-ignore lint/correctness/useYield: it ends before its first event
  return function* () {
    throw problem;
  };
}

function startFakeRun(id: string, program: FakeProgram, call: FakeCall): Run {
  const { spec, options } = call;
  const events = new Handoff<RunEvent>();
  const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let stop = () => {};
  const cancelled = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const stopped = cancelled.then(() => "stopped" as const);

  async function live(): Promise<FinishedExecution> {
    const steps = program(spec, cancelled);
    let step = await Promise.race([steps.next(), stopped]);
    await events.offer({ type: "started", id, isolation });
    while (step !== "stopped" && step.done !== true) {
      call.yielded++;
      const event = step.value;
      if (options.collectOutput !== false && "data" in event && event.data instanceof Uint8Array) {
        output[event.type as "stdout" | "stderr"].push(event.data);
      }
      await Promise.race([events.offer(event), cancelled]);
      step = await Promise.race([steps.next(), stopped]);
    }
    const returned = step === "stopped" ? { outcome: never } : (step.value ?? {});
    const execution = record(id, spec, options, output, returned);
    await Promise.race([events.offer({ type: "finished", execution }), cancelled]);
    return execution;
  }

  const result = new Promise<void>((resolve) => setImmediate(resolve)).then(live).finally(() => {
    call.ended = true;
    events.end();
  });
  result.catch(() => {});
  const cancel = (how: { graceMs?: number } = {}) => {
    call.cancels.push(how);
    stop();
  };
  return { id, events: () => events.read(), result, cancel };
}

function record(
  id: string,
  spec: ExecutionSpec,
  options: RunOptions,
  output: { readonly stdout: Uint8Array[]; readonly stderr: Uint8Array[] },
  returned: Partial<FinishedExecution>,
): FinishedExecution {
  return {
    id,
    status: "finished",
    createdAt: "2026-01-31T08:15:00.000Z",
    startedAt: "2026-01-31T08:15:00.001Z",
    finishedAt: "2026-01-31T08:15:00.002Z",
    language: spec.language ?? "python",
    outcome: { kind: "exited", code: 0, stage: "run", violations: [] },
    stdout: Buffer.concat(output.stdout).toString(),
    stderr: Buffer.concat(output.stderr).toString(),
    value: null,
    results: {},
    variables: {},
    displays: [],
    artifacts: [],
    error: null,
    limits: { ...defaultLimits, ...spec.limits },
    ...(returned?.outcome?.stage === "compile"
      ? { compileLimits: { ...defaultCompileLimits, ...spec.compileLimits } }
      : {}),
    metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
    findings: [],
    warnings: [...(options.warnings ?? [])],
    isolation,
    ...returned,
  };
}
