import { afterEach, expect, it } from "vitest";
import { FakeGround } from "../../test/support/fake-ground.ts";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import { Releases } from "../releases.ts";
import { type GroundWanted, type OwnPool, openPools, type PoolsOptions } from "./open-pools.ts";

const { signal } = new AbortController();
const toolchain = (name: string) => ({ runtime: toyRuntime({ name }), tools: {}, folders: [], state: "" });
const releases = new Releases();
afterEach(() => releases.run());

async function settle(): Promise<void> {
  for (let round = 0; round < 8; round++) await new Promise((resolve) => setImmediate(resolve));
}

/** Pools on fake grounds, and what was asked for of each. */
function harness(options: Partial<PoolsOptions> = {}) {
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
  const warm = async () => undefined;
  const defaults = { makeGround, warm, min: 0, max: 0, concurrency: 4, waitMs: 1_000, log: () => {} };
  const pools = openPools({ ...defaults, ...options }, releases);
  const lease = (name: string, preloaded = false) =>
    pools.leases.lease({ toolchain: toolchain(name), preloaded }, { signal });
  return { pools, made, lease, control };
}

it("each language has a ground of its own, made at its first use or when it is to be kept ready", async () => {
  const { pools, made, lease } = harness({ min: 1, max: 1 });
  await pools.keep(toolchain("python"));
  await settle();
  expect(pools.stats()).toEqual({ parked: 1, waiting: 0 });
  await lease("ruby");
  await lease("ruby");
  expect(made.map(({ language }) => language)).toEqual(["python", "ruby"]);
});

it("a ground that cannot be started is closed each time, and the next use tries another one", async () => {
  const { pools, made, lease, control } = harness();
  control.refusal = "no nursery";
  await expect(pools.keep(toolchain("lua"))).rejects.toThrow("no nursery");
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
  const seen: number[] = [];
  const warm: PoolsOptions["warm"] = async (one, open) => {
    if (one.runtime.name === "ruby") return undefined;
    const own: OwnPool = await open();
    const lease = await own.leases.lease({ toolchain: one }, { signal });
    (await all.lease("ruby")).release(); // there is one turn in all
    seen.push(all.made[0]?.ground.asked.length ?? 0);
    lease.release();
    await own.close();
    return "folder";
  };
  const all = harness({ warm, concurrency: 1, min: 1, max: 2 });
  await all.lease("java");
  expect(seen).toEqual([1]);
  expect(all.made.map(({ ground, ...wanted }) => wanted)).toEqual([
    { language: "java", start: "command" },
    { language: "ruby", warm: undefined },
    { language: "java", warm: "folder" },
  ]);
  expect(all.made[0]?.ground.closed).toBe(true);
});

it("who wants preloaded libraries gets them from when their ground serves", async () => {
  const { pools, made, lease, control } = harness();
  let load = () => {};
  control.loading = new Promise((resolve) => {
    load = resolve;
  });
  await pools.keep(toolchain("python"));
  pools.preload(toolchain("python"), ["pandas"]);
  const early = await lease("python", true);
  load();
  await settle();
  const late = await lease("python", true);
  const plain = await lease("python");
  const [own, loaded] = made;
  expect([own?.preload, loaded?.preload]).toEqual([undefined, ["pandas"]]);
  expect(own?.ground.asked).toEqual([early.sandbox.id, plain.sandbox.id]);
  expect(loaded?.ground.asked).toEqual([late.sandbox.id]);
});

it("all grounds are closed with the releases, also one that is still being started", async () => {
  const { pools, made, lease } = harness();
  await pools.keep(toolchain("python"));
  await lease("ruby");
  pools.preload(toolchain("python"), ["pandas"]);
  await releases.run();
  expect(made.map(({ ground }) => ground.closed)).toEqual([true, true, true]);
  await expect(lease("ruby")).rejects.toMatchObject({ code: "closed" });
});

it("those who wait are counted, wherever they wait", async () => {
  const { pools, lease } = harness({ concurrency: 2 });
  const first = await lease("ruby");
  const second = await lease("ruby");
  const waiting = [lease("ruby"), lease("lua")];
  await settle();
  expect(pools.stats()).toEqual({ parked: 0, waiting: 2 });
  first.release();
  second.release();
  for (const one of await Promise.all(waiting)) one.release();
  expect(pools.stats()).toEqual({ parked: 0, waiting: 0 });
});
