import { defaultCompileLimits, type FinishedFrame, type Limits } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { CompilerGround } from "../../test/support/compiler-ground.ts";
import { patience } from "../../test/support/host-slowness.ts";
import type { Compiler } from "./compiler.ts";

const ground = new CompilerGround();

describe("limits of the compiler", () => {
  const small: Limits = { ...defaultCompileLimits, processes: 4 };

  it("keep products apart, at hand and on disk: who asks for others has another product", async () => {
    ground.wardens.tell = () => ({ files: [["program", `${ground.wardens.leased}`]] });
    const own = ground.compiler();
    const made = async (by: Compiler, limits: Limits) => {
      const result = await by.compile(ground.request({ limits }));
      return [result.compilation.cached, ground.programOf(result)];
    };
    expect([await made(own, small), await made(own, defaultCompileLimits)]).toEqual([
      [false, "1"],
      [false, "2"],
    ]);
    for (const by of [own, ground.compiler()]) {
      expect([await made(by, small), await made(by, { ...defaultCompileLimits })]).toEqual([
        [true, "1"],
        [true, "2"],
      ]);
    }
  });

  it("keep those apart who wait: nobody waits for a compilation with others", async () => {
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    ground.wardens.tell = () => (ground.wardens.leased === 1 ? held.then(() => ({})) : {});
    const own = ground.compiler();
    const slow = own.compile(ground.request({ limits: small }));
    await expect.poll(() => ground.wardens.leased, patience).toBe(1);
    const same = own.compile(ground.request({ limits: small }));
    expect((await own.compile(ground.request())).compilation.cached).toBe(false);
    end();
    expect([(await slow).compilation.cached, (await same).compilation.cached]).toEqual([false, true]);
    expect(ground.wardens.leased).toBe(2);
  });
});

describe("a compiler that was refused something or cut off, and succeeded", () => {
  it.each<[string, Partial<FinishedFrame>, readonly string[]]>([
    ["violations", { outcome: { kind: "exited", code: 0, violations: ["processes"] } }, ["processes"]],
    ["warnings", { warnings: ["the program's result channel was cut off"] }, []],
  ])("serves the run that asked for it, which nobody else does: %s", async (_, finished, violations) => {
    ground.wardens.tell = () => ({ files: [["program", `${ground.wardens.leased}`]], finished });
    const own = ground.compiler();
    const ends = [
      ...(await Promise.all([1, 2, 3].map(() => own.compile(ground.request())))),
      await own.compile(ground.request()),
    ];
    for (const [index, result] of ends.entries()) {
      const { cached, outcome } = result.compilation;
      expect([cached, outcome.violations, ground.programOf(result)]).toEqual([false, violations, `${index + 1}`]);
      result.product?.release();
    }
    await expect.poll(() => ground.staged(), patience).toEqual(["products"]);
    expect([ground.wardens.leased, ground.onDisk()]).toEqual([4, []]);
  });

  it("is told of what is made ahead of time for a language, so that it is not kept on disk", async () => {
    const hindered = { outcome: { kind: "exited" as const, code: 0, violations: ["processes" as const] } };
    ground.wardens.tell = () => ({});
    expect((await ground.compiler().warm(ground.request())).cacheable).toBe(true);
    ground.wardens.tell = () => ({ finished: hindered });
    expect((await ground.compiler().warm(ground.request())).cacheable).toBe(false);
  });

  it("is tried again: a later one that was not is kept", async () => {
    const hindered = { outcome: { kind: "exited" as const, code: 0, violations: ["processes" as const] } };
    ground.wardens.tell = () => ({
      files: [["program", "x"]],
      ...(ground.wardens.leased === 1 ? { finished: hindered } : {}),
    });
    const own = ground.compiler();
    const cached = [];
    for (const _time of [1, 2, 3]) cached.push((await own.compile(ground.request())).compilation.cached);
    expect([cached, ground.wardens.leased, ground.onDisk().length]).toEqual([[false, false, true], 2, 1]);
  });
});
