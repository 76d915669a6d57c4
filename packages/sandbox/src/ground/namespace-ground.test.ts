import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { defaultLimits } from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeIsolation } from "../../test/support/fake-ground.ts";
import { noCgroups } from "../host/cgroups/index.ts";
import { planIdentities } from "../host/identities.ts";
import type { NurseryEvents } from "../nursery/nursery.ts";
import { NamespaceGround } from "./namespace-ground.ts";
import { UidSlots } from "./uid-slots.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

class FakeNursery extends EventEmitter<NurseryEvents> {
  alive = false;
  readonly errors = ["last words"];
  readonly commands: unknown[] = [];

  async start(): Promise<void> {
    this.alive = true;
  }

  park(...command: unknown[]): void {
    this.commands.push(["park", ...command]);
  }

  kill(id: string): void {
    this.commands.push(["kill", id]);
  }

  /** As a real one, it says a moment later that it is dead. */
  async stop(): Promise<void> {
    await Promise.resolve();
    this.alive = false;
    this.emit("exit");
  }
}

/** A ground with room for one sandbox, without a process, and what is told and done of it. */
async function harness() {
  const nursery = new FakeNursery();
  const told: unknown[] = [];
  const done: unknown[] = [];
  const expected = new Map<string, (socket: Socket) => void>();
  const control = { cgroupError: undefined as string | undefined };
  const setup = {
    isolation: fakeIsolation,
    identities: planIdentities(),
    cgroups: {
      ...noCgroups,
      create(id: string) {
        if (control.cgroupError !== undefined) throw new Error(control.cgroupError);
        done.push(`create ${id}`);
        return { memory: `/cgroup/${id}` };
      },
      limit: (id: string) => void done.push(`limit ${id}`),
      remove: async (id: string) => void done.push(`remove ${id}`),
    },
    reception: {
      expect: (id: string, arrived: (socket: Socket) => void) => void expected.set(id, arrived),
      forget: (id: string) => void expected.delete(id),
    },
    uids: new UidSlots([1_000], false),
    log: () => {},
  };
  const ground = new NamespaceGround(setup, nursery, defaultLimits);
  await ground.start({
    parked: (...event) => void told.push(["parked", ...event]),
    gone: (...event) => void told.push(["gone", ...event]),
    failed: (...event) => void told.push(["failed", ...event]),
    ended: () => void told.push(["ended"]),
  });
  return { ground, nursery, told, done, expected, control, uids: setup.uids };
}

describe("a sandbox on the ground of namespaces", () => {
  it("has a user id and a cgroup from when it is asked for until it is gone", async () => {
    const { ground, nursery, told, done, expected, uids } = await harness();
    expect(ground.park("a", { rehearse: true })).toBe(true);
    expect(nursery.commands).toEqual([["park", "a", 1_000, { memory: "/cgroup/a" }, true]]);
    const socket = new Socket();
    expected.get("a")?.(socket);
    ground.limit("a", defaultLimits);
    expect([told, uids.take()]).toEqual([[["parked", "a", socket]], undefined]);
    nursery.emit("gone", "a");
    nursery.emit("gone", "a");
    ground.limit("a", defaultLimits);
    expect(told.slice(1)).toEqual([["gone", "a"]]);
    expect([done, uids.take(), uids.take()]).toEqual([["create a", "limit a", "remove a"], 1_000, undefined]);
  });

  it("that does not report itself within half a minute is killed, and its end is a failure", async () => {
    const { ground, nursery, told, expected } = await harness();
    ground.park("a", { rehearse: false });
    vi.advanceTimersByTime(29_999);
    expect(nursery.commands.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect([nursery.commands.at(-1), expected.has("a"), told]).toEqual([["kill", "a"], false, []]);
    nursery.emit("gone", "a");
    expect(told).toEqual([["failed", "a", "a sandbox did not report itself in time"]]);
  });

  it("that the nursery could not make is a failure with the nursery's word", async () => {
    const { ground, nursery, told, uids } = await harness();
    ground.park("a", { rehearse: false });
    nursery.emit("failed", "a", "no more processes");
    expect([told, uids.take()]).toEqual([[["failed", "a", "no more processes"]], 1_000]);
  });

  it("whose cgroup cannot be made leaves its user id and whatever was made of the cgroup", async () => {
    const { ground, nursery, told, done, control, uids } = await harness();
    control.cgroupError = "no space left on device";
    expect(() => ground.park("a", { rehearse: false })).toThrow("its cgroup cannot be made: no space left on device");
    expect([nursery.commands, told, done, uids.take()]).toEqual([[], [], ["remove a"], 1_000]);
  });

  it("that reports itself when the ground has been closed has its connection closed", async () => {
    const { ground, told, expected } = await harness();
    ground.park("a", { rehearse: false });
    const arrived = expected.get("a");
    const closing = ground.close();
    expect(ground.alive).toBe(false);
    const socket = new Socket();
    arrived?.(socket);
    await closing;
    expect([socket.destroyed, told]).toEqual([true, []]);
  });
});

it("a nursery that dies gives everything back before that is told", async () => {
  const { ground, nursery, told, done, uids } = await harness();
  ground.park("a", { rehearse: false });
  nursery.alive = false;
  nursery.emit("exit");
  nursery.emit("gone", "a");
  expect([told, done, uids.take()]).toEqual([[["ended"]], ["create a", "remove a"], 1_000]);
  expect(ground.errors).toEqual(["last words"]);
});
