import { ProblemError, type Program, type ProgramEnd, type Programs, type RunIo } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { toyProgram } from "../../test/support/toy-program.ts";
import type { ExecutionSpec, RunOptions } from "../api.ts";
import { LibraryRun } from "./library-run.ts";

const isolation = { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] } as Programs["isolation"];
const end: ProgramEnd = {
  outcome: { kind: "exited", code: 0, stage: "run", violations: [] },
  stdout: "",
  stderr: "",
  value: 42,
  results: {},
  variables: {},
  displays: [],
  artifacts: [],
  error: null,
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
  warnings: [],
  isolation,
};

/** Programs that there are not: a test says what happens to the one that is run. */
class FakePrograms implements Programs {
  readonly isolation = isolation;
  program: Program | undefined;
  io: RunIo | undefined;
  readonly cancels: object[] = [];
  resumed = 0;
  settle: (how: ProgramEnd) => void = () => {};
  fail: (error: Error) => void = () => {};

  async resolve(): Promise<Program> {
    return toyProgram({ warnings: ["of the program"], metadata: { who: "me" } });
  }

  run(program: Program, io: RunIo) {
    this.program = program;
    this.io = io;
    return {
      end: new Promise<ProgramEnd>((resolve, reject) => {
        this.settle = resolve;
        this.fail = reject;
      }),
      cancel: (how: object = {}) => void this.cancels.push(how),
      resume: () => {
        this.resumed += 1;
      },
    };
  }

  stats() {
    return { parked: 0, running: 0, waiting: 0, started: 0 };
  }

  async languages() {
    return [];
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 1));
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function execute(spec: ExecutionSpec = { code: "1" }, options: RunOptions = {}) {
  const programs = new FakePrograms();
  return { programs, run: new LibraryRun(programs, spec, options) };
}

describe("an execution of the library", () => {
  it("has a record of its program's end with its identity, times, limits and metadata", async () => {
    const { programs, run } = execute();
    await soon();
    programs.io?.on?.({ type: "started", isolation });
    programs.settle(end);
    expect(await run.result).toEqual({
      ...end,
      id: run.id,
      status: "finished",
      language: "toy",
      limits: toyProgram().limits,
      metadata: { who: "me" },
      findings: [],
      createdAt: expect.stringMatching(instant),
      startedAt: expect.stringMatching(instant),
      finishedAt: expect.stringMatching(instant),
    });
    expect(programs.io?.id).toBe(run.id);
  });

  it("that never started has no time of its start", async () => {
    const { programs, run } = execute();
    await soon();
    programs.settle({ ...end, outcome: { kind: "cancelled", stage: "run", violations: [] } });
    expect("startedAt" in (await run.result)).toBe(false);
  });

  it("has the warnings of its caller first, then those of the request, then the program's", async () => {
    const untyped: object = { code: "1", sampleIntervalMs: "100" };
    const { programs } = execute(untyped, { warnings: ["of the caller"] });
    await soon();
    expect(programs.program?.warnings).toEqual([
      "of the caller",
      'sampleIntervalMs: the text "100" was read as the number 100',
      "of the program",
    ]);
  });

  it("tells its reader every event, with the record last", async () => {
    const { programs, run } = execute();
    const events = run.events();
    await soon();
    const data = Buffer.from("a");
    expect(programs.io?.on?.({ type: "started", isolation })).toBe(true);
    expect(programs.io?.on?.({ type: "stdout", data })).toBe(true);
    programs.settle(end);
    const execution = await run.result;
    const read = [];
    for await (const event of events) read.push(event);
    expect(read).toEqual([
      { type: "started", isolation, id: run.id },
      { type: "stdout", data },
      { type: "finished", execution },
    ]);
  });

  it("stops its program for a reader who is over 1 MiB behind, until he has caught up", async () => {
    const { programs, run } = execute();
    const events = run.events()[Symbol.asyncIterator]();
    await soon();
    const data = Buffer.alloc(700_000);
    expect(programs.io?.on?.({ type: "stdout", data })).toBe(true);
    expect(programs.io?.on?.({ type: "stdout", data })).toBe(false);
    await events.next();
    expect(programs.resumed).toBe(0);
    await events.next();
    expect(programs.resumed).toBe(1);
  });

  it("is cancelled as it was asked to, also when that was before it was resolved", async () => {
    const { programs, run } = execute();
    run.cancel({ graceMs: 5 });
    await soon();
    run.cancel();
    expect(programs.cancels).toEqual([{ graceMs: 5 }, {}]);
  });

  it("whose program is not started rejects, for its reader too", async () => {
    const { programs, run } = execute();
    const events = run.events()[Symbol.asyncIterator]();
    await soon();
    const busy = new ProblemError("sandbox-busy", "none");
    programs.fail(busy);
    await expect(run.result).rejects.toBe(busy);
    await expect(events.next()).rejects.toBe(busy);
  });

  it("tells of options that there are not before it looks at the program", async () => {
    const spec: object = { artifactsDir: "/x", nothing: 1 };
    const options: object = { collect: false };
    const { programs, run } = execute(spec, options);
    await expect(run.result).rejects.toThrow(
      "artifactsDir: unknown field: give it in the second argument; " +
        "collect: unknown field: did you mean 'collectOutput'?",
    );
    expect(programs.program).toBeUndefined();
  });
});
