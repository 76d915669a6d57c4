import { afterEach, expect, it } from "vitest";
import { FakeGround } from "../../test/support/fake-ground.ts";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import { Releases } from "../releases.ts";
import { type GroundWanted, type LeasesSetup, openLeases } from "./open-leases.ts";

const { signal } = new AbortController();
/** Python is the one that forks. */
const toolchain = (name: string): Toolchain => {
  const runtime = toyRuntime({ name });
  return { runtime: name === "python" ? { ...runtime, start: "fork" } : runtime, tools: {}, folders: [], state: "" };
};
const releases = new Releases();
afterEach(() => releases.run());

async function settle(): Promise<void> {
  for (let round = 0; round < 8; round++) await new Promise((resolve) => setImmediate(resolve));
}

interface Wanted {
  readonly ready?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly concurrency?: number;
  readonly preload?: readonly string[];
  readonly warm?: LeasesSetup["warm"];
}

/** Leases on fake grounds, and what was asked for of each; what `control` says holds of those made from then on. */
function harness() {
  const made: (Omit<GroundWanted, "toolchain"> & { readonly language: string; readonly ground: FakeGround })[] = [];
  const control = { refusal: undefined as string | undefined, loading: Promise.resolve() };
  const makeGround = ({ toolchain: { runtime }, ...wanted }: GroundWanted) => {
    const ground = new FakeGround();
    ground.refusal = control.refusal;
    const start = ground.start.bind(ground);
    if (wanted.preload !== undefined) ground.start = (events) => control.loading.then(() => start(events));
    made.push({ language: runtime.name, ...wanted, ground });
    return ground;
  };
  const open = async (wanted: Wanted = {}) => {
    const { ready = [], min = 0, max = 0, warm = async () => undefined, ...options } = wanted;
    const setup = { ready: ready.map(toolchain), makeGround, warm };
    const leases = await openLeases({ ...options, pool: { min, max } }, setup, releases);
    const lease = (name: string, preloaded = false) =>
      leases.lease({ toolchain: toolchain(name), preloaded }, { signal });
    return { leases, lease };
  };
  return { open, made, control };
}

it("each language has a ground of its own, made at the start when it is to be ready, or at its first use", async () => {
  const { open, made } = harness();
  const { leases, lease } = await open({ ready: ["python"], min: 1, max: 1 });
  await settle();
  expect([leases.parked, leases.waiting]).toEqual([1, 0]);
  await lease("ruby");
  await lease("ruby");
  expect(made.map(({ language }) => language)).toEqual(["python", "ruby"]);
});

it("a ground that cannot be started is closed each time, and the next use tries another one", async () => {
  const { open, made, control } = harness();
  control.refusal = "no nursery";
  await expect(open({ ready: ["lua"] })).rejects.toThrow("no nursery");
  const { lease } = await open();
  for (const _time of [1, 2]) await expect(lease("ruby")).rejects.toThrow("no nursery");
  expect(made.map(({ language, ground }) => [language, ground.closed])).toEqual([
    ["lua", true],
    ["ruby", true],
    ["ruby", true],
  ]);
  control.refusal = undefined;
  await lease("ruby");
});

it("what a language has ready is made in a pool of its own, whose one sandbox takes no turn of the others", async () => {
  const { open, made } = harness();
  const own: number[] = [];
  const warm: LeasesSetup["warm"] = async (one, openOwn) => {
    if (one.runtime.name === "ruby") return undefined;
    const pool = await openOwn();
    const lease = await pool.lease(signal);
    (await all.lease("ruby")).release(); // there is one turn in all
    own.push(made[0]?.ground.asked.length ?? 0);
    lease.release();
    await pool.close();
    return "folder";
  };
  const all = await open({ warm, concurrency: 1, min: 1, max: 2 });
  await all.lease("java");
  expect(own).toEqual([1]);
  expect(made.map(({ ground, ...wanted }) => wanted)).toEqual([
    { language: "java", start: "command" },
    { language: "ruby", warm: undefined },
    { language: "java", warm: "folder" },
  ]);
  expect(made[0]?.ground.closed).toBe(true);
});

it("who wants preloaded libraries gets them from when their ground serves", async () => {
  const { open, made, control } = harness();
  let load = () => {};
  control.loading = new Promise((resolve) => {
    load = resolve;
  });
  const { lease } = await open({ ready: ["ruby", "python"], preload: ["pandas"] });
  const early = await lease("python", true);
  load();
  await settle();
  const late = await lease("python", true);
  const plain = await lease("python");
  const [, own, loaded] = made;
  expect(made.map(({ language, preload }) => [language, preload])).toEqual([
    ["ruby", undefined],
    ["python", undefined],
    ["python", ["pandas"]],
  ]);
  expect(own?.ground.asked).toEqual([early.sandbox.id, plain.sandbox.id]);
  expect(loaded?.ground.asked).toEqual([late.sandbox.id]);
});

it("libraries are preloaded only where Python is to be ready", async () => {
  const { open, made } = harness();
  await open({ ready: ["ruby"], preload: ["pandas"] });
  expect(made.map(({ language }) => language)).toEqual(["ruby"]);
});

it("all grounds are closed with the releases, also one that is still being started", async () => {
  const { open, made, control } = harness();
  control.loading = new Promise(() => {});
  const { lease } = await open({ ready: ["python"], preload: ["pandas"] });
  await lease("ruby");
  await releases.run();
  expect(made.map(({ ground }) => ground.closed)).toEqual([true, true, true]);
  await expect(lease("ruby")).rejects.toMatchObject({ code: "closed" });
});

it("those who wait are counted, wherever they wait", async () => {
  const { open } = harness();
  const { leases, lease } = await open({ concurrency: 2 });
  const first = await lease("ruby");
  const second = await lease("ruby");
  const waiting = [lease("ruby"), lease("lua")];
  await settle();
  expect([leases.parked, leases.waiting]).toEqual([0, 2]);
  first.release();
  second.release();
  for (const one of await Promise.all(waiting)) one.release();
  expect([leases.parked, leases.waiting]).toEqual([0, 0]);
});
