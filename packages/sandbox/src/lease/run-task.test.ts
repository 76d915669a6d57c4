import { type ArtifactSink, defaultLimits, type ProgramEvent } from "@glovebox/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeLease, nothing } from "../../test/support/fake-lease.ts";
import { MemorySink } from "../../test/support/memory-sink.ts";
import { kinds } from "../frames/kinds.ts";
import { Capture } from "./capture.ts";
import { runTask, type TaskSetup } from "./run-task.ts";

afterEach(() => {
  vi.useRealTimers();
});

function start(change: Partial<TaskSetup> = {}, lease = new FakeLease()) {
  const capture = new Capture();
  const signal = new AbortController().signal;
  const task = runTask(lease, { stage: "run", handOver: nothing, capture, signal, ...change });
  return { lease, capture, task };
}

const failing = (message: string) => () => {
  throw new Error(message);
};
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
const fault = (message: string) => ({ kind: "sandbox-fault", message, stage: "run", violations: [] });

describe("a task in a leased sandbox", () => {
  it("is limited, handed over, and ends with the warden's account", async () => {
    const { lease, task } = start();
    await soon();
    expect([lease.limited, lease.got]).toEqual([defaultLimits, [kinds.lease, kinds.fileData]]);
    expect(JSON.parse(lease.payloads[0]?.toString() ?? "")).toMatchObject({ artifacts: "hash", sampleMs: null });
    lease.finish();
    expect(await task.end).toMatchObject({
      outcome: { kind: "exited", code: 0, stage: "run", violations: [] },
      metrics: { wallMs: 1, cpuMs: 2, peakMemoryBytes: 3, startMs: 4, queueMs: 7 },
      isolation: { backend: "namespaces" },
    });
    expect([lease.released, lease.killed, lease.sandbox.connection.destroyed]).toEqual([1, 0, true]);
  });

  it.each<[string, (lease: FakeLease) => void, string]>([
    ["its connection ends", (lease) => lease.warden.end(), "the sandbox ended without a result"],
    ["its warden fails", (lease) => lease.send(kinds.fault, { message: "no mount", trace: "" }), "no mount"],
    ["a frame is of no kind", (lease) => lease.send(0x7f, {}), "the sandbox broke its protocol: unknown frame 127"],
  ])("releases its lease and is destroyed when %s", async (_, happen, message) => {
    const { lease, task } = start();
    happen(lease);
    const { outcome, metrics, frame } = await task.end;
    expect([outcome, frame]).toEqual([fault(message), undefined]);
    expect(metrics).toMatchObject({ cpuMs: 0, peakMemoryBytes: 0, startMs: 0, queueMs: 7 });
    expect([lease.released, lease.killed]).toEqual([1, 1]);
  });

  it("releases its lease when the sandbox was gone before", async () => {
    const lease = new FakeLease();
    lease.sandbox.connection.destroy();
    const { outcome } = await start({}, lease).task.end;
    expect(outcome).toEqual(fault("the sandbox ended before it was given its program"));
    expect([lease.released, lease.killed]).toEqual([1, 1]);
  });

  it("releases its lease when the limits cannot be set", async () => {
    const lease = new FakeLease();
    lease.sandbox.limit = failing("EROFS");
    const { outcome } = await start({}, lease).task.end;
    expect(outcome).toEqual(fault("the program could not be handed over: EROFS"));
    expect(lease.released).toBe(1);
  });

  it("is given up when its warden stays silent for 10 s after the time limit", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { lease, task } = start();
    await vi.advanceTimersByTimeAsync(39_999);
    expect(lease.released).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect((await task.end).outcome).toEqual(fault("the warden did not end its program in time"));
    expect([lease.released, lease.killed]).toEqual([1, 1]);
  });

  it("is cancelled without a grace by its signal, also by one that has aborted before", async () => {
    for (const early of [true, false]) {
      const controller = new AbortController();
      if (early) controller.abort();
      const { lease, task } = start({ signal: controller.signal });
      controller.abort();
      await soon();
      expect(lease.got).toEqual([kinds.lease, kinds.fileData, kinds.cancel]);
      expect(JSON.parse(lease.payloads[2]?.toString() ?? "")).toEqual({ graceMs: 0 });
      lease.finish({ outcome: { kind: "cancelled", violations: [] } });
      expect((await task.end).outcome).toEqual({ kind: "cancelled", stage: "run", violations: [] });
    }
  });

  it("keeps the first end: what is sent after it changes nothing", async () => {
    const { lease, capture, task } = start();
    lease.finish();
    lease.send(kinds.stdout, Buffer.from("late"));
    lease.finish({ outcome: { kind: "exited", code: 9, violations: [] } });
    expect((await task.end).outcome).toMatchObject({ code: 0 });
    task.cancel(0);
    await soon();
    expect([capture.text("stdout"), lease.released]).toEqual(["", 1]);
  });

  it("that has failed has the error that its output tells, by which it is classified", async () => {
    const error = { type: "OSError", message: "Too many open files", traceback: "", frames: [], line: 1 };
    const { lease, capture, task } = start({ readError: (text) => (text === "it said so" ? error : null) });
    lease.send(kinds.stderr, Buffer.from("it said so"));
    lease.finish({ outcome: { kind: "exited", code: 1, violations: [] } });
    expect((await task.end).outcome).toMatchObject({ kind: "exited", violations: ["openFiles"] });
    expect(capture.error).toEqual(error);
  });
});

describe("who follows a task", () => {
  it("gets its events in order, and its output stays where it is collected", async () => {
    const events: ProgramEvent[] = [];
    const { lease, capture, task } = start({ on: (event) => events.push(event) > 0, collectOutput: false });
    lease.send(kinds.stdout, Buffer.from("a"));
    lease.send(kinds.message, { type: "progress", fraction: 0.5, message: null });
    lease.send(kinds.alert, { limit: "cpuMs", used: 8, allowed: 10 });
    lease.send(kinds.results, Buffer.from('{"name": "n", "value": 1}\n'));
    lease.finish();
    await task.end;
    expect(events).toEqual([
      { type: "stdout", data: Buffer.from("a") },
      { type: "progress", fraction: 0.5, message: null },
      { type: "alert", limit: "cpuMs", used: 8, allowed: 10 },
      { type: "result", name: "n", value: 1 },
    ]);
    expect([capture.text("stdout"), capture.results.get("n")]).toEqual(["", 1]);
  });

  it("and is slow has the sandbox read no more until he says so", async () => {
    const seen: string[] = [];
    const on = (event: ProgramEvent) => {
      seen.push("data" in event ? String(event.data) : event.type);
      return false;
    };
    const { lease, task } = start({ on });
    lease.send(kinds.stdout, Buffer.from("a"));
    await soon();
    lease.send(kinds.stdout, Buffer.from("b"));
    await soon();
    expect(seen).toEqual(["a"]);
    task.resume();
    await soon();
    expect(seen).toEqual(["a", "b"]);
    task.resume();
    lease.finish();
    await task.end;
  });

  it("and stands still does not keep a cancelled task from its end", async () => {
    const { lease, task } = start({ on: () => false });
    lease.send(kinds.stdout, Buffer.from("a"));
    await soon();
    lease.send(kinds.stdout, Buffer.from("b"));
    lease.finish({ outcome: { kind: "cancelled", violations: [] } });
    task.cancel(1);
    expect((await task.end).outcome.kind).toBe("cancelled");
  });

  it("has a malformed message cost that message alone, and a hundred of them all that follow", async () => {
    const { lease, capture, task } = start();
    for (let count = 0; count < 100; count++) lease.send(kinds.message, Buffer.from("no JSON"));
    lease.send(kinds.message, { type: "value", value: 1 });
    lease.finish();
    await task.end;
    expect([capture.value, capture.warnings.length]).toEqual([null, 100]);
  });
});

describe("the files of a task", () => {
  const sha256OfAb = "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603";
  const sha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const both = (lease: FakeLease) => {
    lease.send(kinds.artifact, { path: "ab", size: 2 });
    lease.send(kinds.artifactData, Buffer.from("a"));
    lease.send(kinds.artifactData, Buffer.from("b"));
    lease.send(kinds.artifact, { path: "empty", size: 0 });
    lease.finish();
  };
  const listed = [
    { path: "ab", size: 2, sha256: sha256OfAb },
    { path: "empty", size: 0, sha256: sha256OfNothing },
  ];

  it("go into the sink, which is closed before the end, and are listed with their hashes", async () => {
    const sink = new MemorySink();
    const { lease, capture, task } = start({ sink });
    both(lease);
    await task.end;
    expect([...sink.files]).toEqual([
      ["ab", "ab"],
      ["empty", ""],
    ]);
    expect([sink.artifacts, capture.artifacts, sink.closed]).toEqual([listed, listed, 1]);
    expect(JSON.parse(lease.payloads[0]?.toString() ?? "")).toMatchObject({ artifacts: "content" });
  });

  it("that the sink does not want are hashed alone", async () => {
    const sink = new MemorySink();
    sink.begin = () => false;
    sink.write = failing("unwanted");
    sink.end = failing("unwanted");
    const { lease, capture, task } = start({ sink });
    both(lease);
    await task.end;
    expect([capture.artifacts, capture.warnings]).toEqual([listed, []]);
  });

  it.each<[string, Partial<ArtifactSink>]>([
    ["begun", { begin: failing("full") }],
    ["written", { write: () => Promise.reject(new Error("full")) }],
    ["ended", { end: () => Promise.reject(new Error("full")) }],
  ])("that cannot be %s have a warning and are not listed, and the task goes on", async (_, broken) => {
    const { lease, capture, task } = start({ sink: Object.assign(new MemorySink(), broken) });
    lease.send(kinds.artifact, { path: "ab", size: 2 });
    lease.send(kinds.artifactData, Buffer.from("a"));
    lease.send(kinds.artifactData, Buffer.from("b"));
    lease.finish();
    expect((await task.end).outcome.kind).toBe("exited");
    expect([capture.artifacts, capture.warnings]).toEqual([[], ['artifact "ab" could not be written: full']]);
  });

  it("are waited for: nothing is read while a sink writes, and a sink is closed after it has", async () => {
    const order: string[] = [];
    const sink = new MemorySink();
    sink.write = async () => {
      order.push("write");
      await soon();
      order.push("written");
    };
    sink.close = () => void order.push("closed");
    const { lease, task } = start({ sink });
    lease.send(kinds.artifact, { path: "ab", size: 2 });
    lease.send(kinds.artifactData, Buffer.from("a"));
    await vi.waitFor(() => expect(order).toEqual(["write"]), { interval: 1 });
    lease.warden.end();
    expect((await task.end).outcome.kind).toBe("sandbox-fault");
    expect(order).toEqual(["write", "written", "closed"]);
  });

  it("with more content than was announced break the protocol", async () => {
    const { lease, task } = start({ sink: new MemorySink() });
    lease.send(kinds.artifact, { path: "ab", size: 1 });
    lease.send(kinds.artifactData, Buffer.from("ab"));
    const message = "the sandbox broke its protocol: artifact data that was not announced";
    expect((await task.end).outcome).toEqual(fault(message));
  });
});
