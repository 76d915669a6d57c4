import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Compilation,
  defaultCeiling,
  defaultLimits,
  ProblemError,
  type Program,
  type ProgramEvent,
  type RunIo,
} from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeLease, kinds } from "../../test/support/fake-lease.ts";
import { toyProgram } from "../../test/support/toy-program.ts";
import { toolchainNow } from "../../test/support/toy-runtime.ts";
import type { CompileResult } from "../compile/compiler.ts";
import type { LeaseQuery } from "../pool/lease.ts";
import { HostPrograms } from "./host-programs.ts";

let inputs = "";
beforeEach(() => {
  inputs = mkdtempSync(join(tmpdir(), "glovebox-run-"));
});
afterEach(() => rmSync(inputs, { recursive: true, force: true }));

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
const large = { name: "large", content: Buffer.alloc(2 * 1024 * 1024) };
const python = (change: Partial<Program> = {}) => toyProgram({ language: "python", code: "1", ...change });
const c = toyProgram({ language: "c", code: "int main;", compileLimits: defaultLimits });

/** An instance whose sandboxes there are not. */
class Ground {
  readonly lease = new FakeLease();
  readonly queries: (LeaseQuery & { readonly waitMs?: number })[] = [];
  /** What comes of asking for a lease; a lease by default. */
  refusal: Error | undefined;
  /** Waits for a lease until it is cancelled. */
  waits = false;
  compiled: CompileResult | undefined;
  readonly programs: HostPrograms;

  constructor(change: { readonly stdinWarning?: string } = {}) {
    this.programs = new HostPrograms({
      isolation: this.lease.isolation,
      profile: { defaults: defaultLimits, ceiling: defaultCeiling },
      toolchains: { require: (runtime) => toolchainNow({ runtime, tools: {}, folders: [] }) },
      compiler: { compile: async () => this.compiled ?? expect.unreachable("nothing is compiled") },
      leases: {
        lease: async ({ toolchain, preloaded }, { signal, waitMs }) => {
          this.queries.push({
            toolchain,
            ...(preloaded === undefined ? {} : { preloaded }),
            ...(waitMs === undefined ? {} : { waitMs }),
          });
          signal.throwIfAborted();
          if (this.refusal !== undefined) throw this.refusal;
          if (this.waits)
            await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
          return this.lease;
        },
      },
      inputsFolder: inputs,
      preload: ["numpy"],
      stdinWarning: change.stdinWarning,
    });
  }

  run(program = python(), io: Partial<RunIo> = {}) {
    return this.programs.run(program, { id: "the-id", ...io });
  }
}

describe("a run", () => {
  it("tells that it has started, counts while it has its lease, and leaves nothing staged", async () => {
    const ground = new Ground();
    const events: ProgramEvent[] = [];
    const run = ground.run(python({ files: [large] }), { on: (event) => events.push(event) > 0 });
    await expect.poll(() => events).toEqual([{ type: "started", isolation: ground.lease.isolation }]);
    expect([ground.programs.counts, readdirSync(inputs)]).toEqual([{ running: 1, started: 1 }, ["the-id"]]);
    ground.lease.finish();
    expect(await run.end).toMatchObject({ outcome: { kind: "exited", code: 0 }, isolation: { backend: "namespaces" } });
    expect([ground.programs.counts, readdirSync(inputs)]).toEqual([{ running: 0, started: 1 }, []]);
    expect(ground.lease.released).toBe(1);
  });

  it("is read only when its follower says so, from its first event on", async () => {
    const ground = new Ground();
    const types: string[] = [];
    const run = ground.run(python(), { on: ({ type }) => types.push(type) > 9 });
    ground.lease.send(kinds.stdout, Buffer.from("a"));
    await soon();
    expect(types).toEqual(["started"]);
    run.resume();
    await soon();
    expect(types).toEqual(["started", "stdout"]);
    run.resume();
    ground.lease.finish();
    await run.end;
  });

  it("asks for loaded libraries by what its program names, and waits as long as it may", async () => {
    const ground = new Ground();
    ground.refusal = new ProblemError("sandbox-busy", "none");
    await expect(ground.run(python({ code: "import numpy" }), { waitMs: 5 }).end).rejects.toBe(ground.refusal);
    await expect(ground.run().end).rejects.toBe(ground.refusal);
    expect(ground.queries.map(({ preloaded, waitMs }) => [preloaded, waitMs])).toEqual([
      [true, 5],
      [false, undefined],
    ]);
  });

  it("that gets no lease rejects, leaves nothing staged and counts for nothing", async () => {
    const ground = new Ground();
    ground.refusal = new ProblemError("sandbox-busy", "none");
    await expect(ground.run(python({ files: [large] })).end).rejects.toBe(ground.refusal);
    expect([ground.programs.counts, readdirSync(inputs)]).toEqual([{ running: 0, started: 0 }, []]);
  });

  it.each<[string, (ground: Ground) => Promise<unknown>]>([
    [
      "its caller",
      async (ground) => {
        const run = ground.run();
        await soon();
        run.cancel({ graceMs: 1_000 });
        return run.end;
      },
    ],
    [
      "a signal",
      async (ground) => {
        const controller = new AbortController();
        const run = ground.run(python(), { signal: controller.signal });
        await soon();
        controller.abort();
        return run.end;
      },
    ],
    ["a signal that had aborted before", async (ground) => ground.run(python(), { signal: AbortSignal.abort() }).end],
  ])("that waits for a lease is cancelled by %s, without an event", async (_, cancel) => {
    const ground = new Ground();
    ground.waits = true;
    expect(await cancel(ground)).toMatchObject({
      outcome: { kind: "cancelled", stage: "run", violations: [] },
      metrics: { wallMs: 0 },
    });
    expect(ground.lease.got).toEqual([]);
  });

  it("that runs is cancelled with the grace that it was given", async () => {
    const ground = new Ground();
    const run = ground.run();
    await expect.poll(() => ground.lease.got).toEqual([kinds.lease, kinds.fileData]);
    run.cancel({ graceMs: 70 });
    await soon();
    expect(JSON.parse(ground.lease.payloads[2]?.toString() ?? "")).toEqual({ graceMs: 70 });
    ground.lease.finish({ outcome: { kind: "cancelled", violations: [] } });
    expect((await run.end).outcome.kind).toBe("cancelled");
  });

  it("warns of a program that reads its standard input where that is empty by the host's option", async () => {
    const ground = new Ground({ stdinWarning: "it was empty" });
    const run = ground.run();
    ground.lease.finish({ stdinRead: true });
    expect((await run.end).warnings).toEqual(["it was empty"]);
  });
});

describe("a run of a language with a compiler", () => {
  const compilation = (code: number, stderr = ""): Compilation => ({
    cached: false,
    outcome: { kind: "exited", code, stage: "compile", violations: [] },
    stdout: "",
    stderr,
    metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
  });

  it("that makes no product ends with it: its output is the run's", async () => {
    const ground = new Ground();
    ground.compiled = { compilation: compilation(1, "main.c:1: wrong\n"), product: undefined };
    const events: ProgramEvent[] = [];
    const end = await ground.run(c, { on: (event) => events.push(event) > 0 }).end;
    expect(end).toMatchObject({ outcome: { code: 1, stage: "compile" }, stderr: "main.c:1: wrong\n", compile: {} });
    expect(events.map(({ type }) => type)).toEqual(["started", "stderr"]);
    expect([ground.queries, ground.programs.counts.started]).toEqual([[], 0]);
  });

  it("gives the product back when it is over, however it ended", async () => {
    let released = 0;
    const product = { staged: "products/a", compilation: compilation(0), release: () => void released++ };
    const ground = new Ground();
    ground.compiled = { compilation: compilation(0), product };
    const run = ground.run(c);
    ground.lease.finish();
    expect((await run.end).compile?.outcome).toMatchObject({ code: 0 });
    ground.refusal = new ProblemError("sandbox-busy", "none");
    await expect(ground.run(c).end).rejects.toBe(ground.refusal);
    expect(released).toBe(2);
  });
});

describe("an instance that is closed", () => {
  it("refuses what waits for a lease and what comes later, and cancels what runs", async () => {
    const ground = new Ground();
    const running = ground.run();
    await expect.poll(() => ground.programs.counts.running).toBe(1);
    ground.waits = true;
    const waiting = ground.run(python({ files: [large] }), { id: "waiting" });
    await expect.poll(() => ground.queries.length).toBe(2);
    const closed = ground.programs.close();
    await expect(waiting.end).rejects.toMatchObject({ code: "closed" });
    await expect(ground.run().end).rejects.toMatchObject({ code: "closed" });
    ground.lease.finish({ outcome: { kind: "cancelled", violations: [] } });
    expect((await running.end).outcome.kind).toBe("cancelled");
    await closed;
    expect(existsSync(join(inputs, "waiting"))).toBe(false);
  });
});
