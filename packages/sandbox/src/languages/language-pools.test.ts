import { describe, expect, it } from "vitest";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import { LanguagePools } from "./language-pools.ts";

const minute = 60_000;

const toolchain = (name: string) => ({ runtime: toyRuntime({ name }), tools: {}, folders: [] });

function harness() {
  const made: string[] = [];
  const closed: string[] = [];
  const inUse = new Set<string>();
  let failures = 0;
  const pools = new LanguagePools(async ({ runtime: { name } }) => {
    if (failures-- > 0) throw new Error("no nursery");
    made.push(name);
    return {
      parked: 1,
      waiting: 0,
      get inUse() {
        return inUse.has(name);
      },
      close: async () => {
        closed.push(name);
      },
    };
  });
  const fail = (times: number) => {
    failures = times;
  };
  return { pools, made, closed, inUse, fail };
}

/** Lets what was started go on to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("the pools of languages", () => {
  it("are made once, at the first use", async () => {
    const { pools, made } = harness();
    const [one, other] = await Promise.all([pools.of(toolchain("ruby")), pools.of(toolchain("ruby"))]);
    expect(one).toBe(other);
    await pools.of(toolchain("go"));
    expect(made).toEqual(["ruby", "go"]);
    expect(pools.parked).toBe(2);
    await pools.close();
  });

  it("are tried again after a failure", async () => {
    const { pools, made, fail } = harness();
    fail(1);
    await expect(pools.of(toolchain("ruby"))).rejects.toThrow("no nursery");
    await pools.of(toolchain("ruby"));
    expect(made).toEqual(["ruby"]);
    await pools.close();
  });

  it("are closed when nobody used them for a quarter of an hour, and made again at the next use", async () => {
    const { pools, made, closed } = harness();
    await pools.of(toolchain("ruby"));
    pools.closeIdle(Date.now() + 14 * minute);
    await settle();
    expect(closed).toEqual([]);
    pools.closeIdle(Date.now() + 16 * minute);
    await settle();
    expect(closed).toEqual(["ruby"]);
    expect(pools.parked).toBe(0);
    await pools.of(toolchain("ruby"));
    expect(made).toEqual(["ruby", "ruby"]);
    await pools.close();
  });

  it("stay while something runs in them, and when they were asked for at the start", async () => {
    const { pools, closed, inUse } = harness();
    inUse.add("ruby");
    await pools.of(toolchain("ruby"));
    await pools.keep(toolchain("python"));
    pools.closeIdle(Date.now() + 60 * minute);
    await settle();
    expect(closed).toEqual([]);
    await pools.close();
    expect(closed.sort()).toEqual(["python", "ruby"]);
  });
});
