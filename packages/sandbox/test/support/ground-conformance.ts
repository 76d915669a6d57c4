import type { Duplex } from "node:stream";
import { defaultLimits, ProblemError } from "@glovebox/protocol";
import { afterEach, describe, expect, it } from "vitest";
import type { Ground } from "../../src/pool/ground.ts";
import { patience as slowly } from "./host-slowness.ts";

const patience = { ...slowly, interval: 2 };

/** A ground and what the suite does to it from behind. */
export interface GroundUnderTest {
  readonly ground: Ground;
  /** Kills it as a fault of the host would. */
  crash(): void;
}

export interface GroundMaker {
  /** A ground that has room for so many sandboxes. */
  make(how?: { readonly rooms?: number }): GroundUnderTest;
  /** One that cannot be started. */
  makeBroken(): GroundUnderTest;
  /** One on which nothing can be parked, for a reason that is told. */
  makeRefusing(reason: string): GroundUnderTest;
}

/** What a ground told, and the connections that it gave. */
class Witness {
  readonly told: string[] = [];
  readonly connections = new Map<string, Duplex>();

  parked(id: string, connection: Duplex): void {
    connection.on("error", () => connection.destroy());
    this.told.push(`parked ${id}`);
    this.connections.set(id, connection);
  }

  gone(id: string): void {
    this.told.push(`gone ${id}`);
  }

  failed(id: string, message: string): void {
    expect(message).not.toBe("");
    this.told.push(`failed ${id}`);
  }

  ended(): void {
    this.told.push("ended");
  }

  has(event: string): Promise<void> {
    return expect.poll(() => this.told, patience).toContain(event);
  }

  connectionOf(id: string): Duplex {
    const connection = this.connections.get(id);
    if (connection === undefined) throw new Error(`${id} is not parked`);
    return connection;
  }

  isClosed(id: string): Promise<void> {
    return expect.poll(() => this.connectionOf(id).destroyed, patience).toBe(true);
  }
}

/** What every ground promises (see `pool/ground.ts`). `maker` is asked when the tests run. */
export function describeGround(name: string, maker: () => GroundMaker): void {
  const opened: Ground[] = [];
  afterEach(async () => {
    for (const ground of opened.splice(0)) await ground.close();
  });

  const opens = ({ ground, crash }: GroundUnderTest) => {
    opened.push(ground);
    return { ground, crash, witness: new Witness() };
  };
  const start = async (one: GroundUnderTest) => {
    const all = opens(one);
    await all.ground.start(all.witness);
    return all;
  };
  const plain = { rehearse: false };

  describe(name, () => {
    it("is alive from its start to its close, and says what isolates its sandboxes", async () => {
      const { ground, witness } = opens(maker().make());
      expect(ground.alive).toBe(false);
      expect(ground.isolation.backend).not.toBe("");
      await ground.start(witness);
      expect(ground.alive).toBe(true);
      await ground.close();
      expect(ground.alive).toBe(false);
    });

    it("parks nothing before its start and after its close", async () => {
      const { ground, witness } = opens(maker().make());
      expect(ground.park("early", plain)).toBe(false);
      await ground.start(witness);
      await ground.close();
      expect(ground.park("late", plain)).toBe(false);
      expect(witness.told).toEqual([]);
    });

    it("parks each sandbox once, with an open, paused connection of its own", async () => {
      const { ground, witness } = await start(maker().make());
      expect([ground.park("a", plain), ground.park("b", { rehearse: true })]).toEqual([true, true]);
      expect(witness.told).toEqual([]); // nothing is told during the call
      await witness.has("parked a");
      await witness.has("parked b");
      expect(witness.told.toSorted()).toEqual(["parked a", "parked b"]);
      const [a, b] = [witness.connectionOf("a"), witness.connectionOf("b")];
      expect(a).not.toBe(b);
      for (const one of [a, b]) {
        expect([one.destroyed, one.writable, one.readableFlowing, one.readableLength]).toEqual([false, true, false, 0]);
      }
    });

    it("kills a parked sandbox, of which the end is told once and the connection closed", async () => {
      const { ground, witness } = await start(maker().make());
      ground.park("a", plain);
      ground.park("b", plain);
      await witness.has("parked a");
      await witness.has("parked b");
      ground.kill("a");
      ground.kill("a");
      await witness.has("gone a");
      await witness.isClosed("a");
      ground.kill("b");
      await witness.has("gone b");
      expect(witness.told.filter((one) => one.endsWith(" a"))).toEqual(["parked a", "gone a"]);
    });

    it("tells one end of a sandbox that is killed while it is being parked, and nothing after it", async () => {
      const { ground, witness } = await start(maker().make());
      ground.park("a", plain);
      ground.kill("a");
      const isEnd = (one: string) => one === "gone a" || one === "failed a";
      await expect.poll(() => witness.told.some(isEnd), patience).toBe(true);
      ground.park("b", plain);
      await witness.has("parked b");
      expect(witness.told.filter(isEnd).length).toBe(1);
      expect(isEnd(witness.told.filter((one) => one.endsWith(" a")).at(-1) ?? "")).toBe(true);
    });

    it("ends a sandbox whose connection its holder closes", async () => {
      const { ground, witness } = await start(maker().make());
      ground.park("a", plain);
      await witness.has("parked a");
      witness.connectionOf("a").destroy();
      await witness.has("gone a");
      expect(witness.told).toEqual(["parked a", "gone a"]);
    });

    it("does nothing to a sandbox that there is not", async () => {
      const { ground, witness } = await start(maker().make());
      ground.kill("none");
      ground.limit("none", defaultLimits);
      ground.park("a", plain);
      await witness.has("parked a");
      ground.limit("a", { ...defaultLimits, processes: 3 });
      ground.kill("a");
      await witness.has("gone a");
      ground.limit("a", defaultLimits);
      ground.kill("a");
      expect(witness.told).toEqual(["parked a", "gone a"]);
    });

    it("parks none where it has no room, and again when one is gone", async () => {
      const { ground, witness } = await start(maker().make({ rooms: 1 }));
      expect([ground.park("a", plain), ground.park("b", plain)]).toEqual([true, false]);
      await witness.has("parked a");
      ground.kill("a");
      await witness.has("gone a");
      expect(ground.park("c", plain)).toBe(true);
      await witness.has("parked c");
      expect(witness.told).toEqual(["parked a", "gone a", "parked c"]);
    });

    it("throws where a sandbox cannot be made, tells nothing of it, and keeps its room", async () => {
      const { ground, witness } = await start(maker().makeRefusing("no more folders"));
      for (const id of ["a", "b", "c"]) expect(() => ground.park(id, plain)).toThrow("no more folders");
      expect(witness.told).toEqual([]);
    });

    it("rejects with a problem when it cannot be started, and is not alive then", async () => {
      const { ground, witness } = opens(maker().makeBroken());
      const problem = await ground.start(witness).catch((error: unknown) => error);
      expect(problem).toBeInstanceOf(ProblemError);
      expect((problem as ProblemError).code).toBe("sandbox-unavailable");
      expect([ground.alive, ground.park("a", plain), witness.told]).toEqual([false, false, []]);
    });

    it("takes all its sandboxes along when it dies, which is told once and alone", async () => {
      const { ground, witness, crash } = await start(maker().make());
      ground.park("a", plain);
      ground.park("b", plain);
      await witness.has("parked a");
      await witness.has("parked b");
      const before = witness.told.length;
      crash();
      await witness.has("ended");
      expect([ground.alive, ground.park("c", plain)]).toEqual([false, false]);
      await witness.isClosed("a");
      await witness.isClosed("b");
      ground.kill("a");
      ground.limit("a", defaultLimits);
      expect(witness.told.slice(before)).toEqual(["ended"]);
    });

    it("is closed with all its sandboxes, twice as well as once, and tells nothing from then on", async () => {
      const { ground, witness } = await start(maker().make());
      ground.park("a", plain);
      await witness.has("parked a");
      ground.park("b", plain);
      const told = [...witness.told];
      await Promise.all([ground.close(), ground.close()]);
      await ground.close();
      await witness.isClosed("a");
      expect(witness.told).toEqual(told);
    });
  });
}
