import { describe, expect, it } from "vitest";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import { LanguagePools } from "./language-pools.ts";

const minute = 60_000;

/** Another `tool` is another state. */
const toolchain = (name: string, tool = "/none") => ({
  runtime: toyRuntime({ name }),
  tools: { toy: tool },
  folders: [],
  state: tool,
});

function harness() {
  const made: string[] = [];
  const closed: string[] = [];
  const inUse = new Set<string>();
  let failures = 0;
  const signals: AbortSignal[] = [];
  const pools = new LanguagePools(async ({ runtime: { name }, tools }, signal) => {
    signals.push(signal);
    if (failures-- > 0) throw new Error("no nursery");
    const id = tools.toy === "/none" ? name : `${name} ${tools.toy}`;
    made.push(id);
    return {
      parked: 1,
      waiting: 0,
      get inUse() {
        return inUse.has(id);
      },
      close: async () => {
        closed.push(id);
      },
    };
  });
  const fail = (times: number) => {
    failures = times;
  };
  return { pools, made, closed, inUse, fail, signals };
}

const never = new AbortController().signal;
type Pools = ReturnType<typeof harness>["pools"];
/** The pool that somebody got to use. */
const of = (pools: Pools, one: ReturnType<typeof toolchain>) => pools.use(one, never, async (pool) => pool);

/** Lets what was started go on to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("the pools of languages", () => {
  it("are made once, at the first use", async () => {
    const { pools, made } = harness();
    const [one, other] = await Promise.all([of(pools, toolchain("ruby")), of(pools, toolchain("ruby"))]);
    expect(one).toBe(other);
    await of(pools, toolchain("go"));
    expect(made).toEqual(["ruby", "go"]);
    expect(pools.parked).toBe(2);
    await pools.close();
  });

  it("are tried again after a failure", async () => {
    const { pools, made, fail } = harness();
    fail(1);
    await expect(of(pools, toolchain("ruby"))).rejects.toThrow("no nursery");
    await of(pools, toolchain("ruby"));
    expect(made).toEqual(["ruby"]);
    await pools.close();
  });

  it("are closed when nobody used them for a quarter of an hour, and made again at the next use", async () => {
    const { pools, made, closed } = harness();
    await of(pools, toolchain("ruby"));
    pools.closeIdle(Date.now() + 14 * minute);
    await settle();
    expect(closed).toEqual([]);
    pools.closeIdle(Date.now() + 16 * minute);
    await settle();
    expect(closed).toEqual(["ruby"]);
    expect(pools.parked).toBe(0);
    await of(pools, toolchain("ruby"));
    expect(made).toEqual(["ruby", "ruby"]);
    await pools.close();
  });

  it("stay while something runs in them, and when they were asked for at the start", async () => {
    const { pools, closed, inUse } = harness();
    inUse.add("ruby");
    await of(pools, toolchain("ruby"));
    await pools.keep(toolchain("python"));
    pools.closeIdle(Date.now() + 60 * minute);
    await settle();
    expect(closed).toEqual([]);
    await pools.close();
    expect(closed.sort()).toEqual(["python", "ruby"]);
  });

  it("are told to give up when they are closed, and there are none from then on", async () => {
    const { pools, signals } = harness();
    await of(pools, toolchain("ruby"));
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await pools.close();
    expect(signals.map(({ aborted, reason }) => [aborted, reason.code])).toEqual([[true, "closed"]]);
    await expect(of(pools, toolchain("ruby"))).rejects.toMatchObject({ code: "closed" });
  });
});

describe("the pool of a language whose toolchain was replaced", () => {
  it("is another one, and the earlier is closed when its runs are over, though it was to be kept for good", async () => {
    const { pools, made, closed, inUse } = harness();
    inUse.add("go");
    await pools.keep(toolchain("go"));
    const first = await of(pools, toolchain("go"));
    const second = await of(pools, toolchain("go", "/new"));
    expect([second === first, made]).toEqual([false, ["go", "go /new"]]);
    expect(await of(pools, toolchain("go", "/new"))).toBe(second);
    pools.closeIdle(Date.now() + 2 * minute);
    await settle();
    expect(closed).toEqual([]);
    inUse.clear();
    pools.closeIdle(Date.now() + 2 * minute);
    await settle();
    expect(closed).toEqual(["go"]);
    pools.closeIdle(Date.now() + 60 * minute);
    await settle();
    expect(closed).toEqual(["go"]);
    await pools.close();
    expect(closed).toEqual(["go", "go /new"]);
  });

  it("serves those who found the earlier state, as long as it is there", async () => {
    const { pools, made, closed } = harness();
    const first = await of(pools, toolchain("go"));
    const second = await of(pools, toolchain("go", "/new"));
    expect([await of(pools, toolchain("go")), await of(pools, toolchain("go", "/new"))]).toEqual([first, second]);
    expect(made).toEqual(["go", "go /new"]);
    pools.closeIdle(Date.now() + minute / 2);
    await settle();
    expect(closed).toEqual([]);
    await pools.close();
  });

  it("does not concern other languages", async () => {
    const { pools, closed } = harness();
    await of(pools, toolchain("ruby"));
    await of(pools, toolchain("go", "/new"));
    pools.closeIdle(Date.now() + 14 * minute);
    await settle();
    expect(closed).toEqual([]);
    await pools.close();
  });
});
