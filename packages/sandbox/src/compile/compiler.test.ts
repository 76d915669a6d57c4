import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultCompileLimits, type Limits, ProblemError } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { CompilerGround } from "../../test/support/compiler-ground.ts";
import { type Account, ended } from "../../test/support/fake-warden.ts";

const ground = new CompilerGround();

const fault = (message: string) => ({ kind: "sandbox-fault", message, stage: "compile", violations: [] });

describe("a product that is not whole is none", () => {
  const files = [["program", "x"]] as const;
  const skipped = (...reasons: string[]) => ({
    skipped: reasons.map((reason, index) => ({ path: `f${index}`, reason })),
  });
  const leftOut = "glovebox: the compiler's product is not used, because files of it were left out: ";

  /** Compiles twice, the second time with another instance. */
  async function twice(account: Account) {
    ground.wardens.tell = () => account;
    const results = [
      await ground.compiler().compile(ground.request()),
      await ground.compiler().compile(ground.request()),
    ];
    expect(ground.staged()).toEqual(results[0]?.product === undefined ? ["products"] : expect.anything());
    return results.map(({ compilation, product }) => ({
      outcome: compilation.outcome,
      stderr: compilation.stderr,
      made: product !== undefined,
      cached: compilation.cached,
    }));
  }

  it("control: a whole one is there, and again from the disk", async () => {
    const [first, second] = await twice({ files });
    expect([first?.made, first?.cached, second?.made, second?.cached]).toEqual([true, false, true, true]);
    expect(ground.wardens.leased).toBe(1);
  });

  it("when files were left in the sandbox: the compilation has failed, says why, and is not remembered", async () => {
    const reason = "more than 1000 files";
    const stderr = `a warning\n${leftOut}"f0" (${reason}), "f1" (${reason}), "f2" (${reason}), 6 more\n`;
    const finished = { ...skipped(reason, reason, reason, reason), notListed: 5 };
    const both = await twice({ files, stderr: "a warning\n", finished });
    const failed = { outcome: { kind: "exited", code: 1, stage: "compile", violations: [] }, stderr };
    expect(both).toEqual([0, 1].map(() => ({ ...failed, made: false, cached: false })));
    expect([ground.wardens.leased, ground.onDisk()]).toEqual([2, []]);
  });

  it("when it wanted more than the limit of its disk", async () => {
    const reason = "the artifacts together exceed the disk limit";
    const [first] = await twice({ files, finished: skipped(reason) });
    expect(first?.outcome).toEqual({ kind: "disk-limit", stage: "compile", violations: [] });
    expect(first?.stderr).toBe(`${leftOut}"f0" (${reason})\n`);
  });

  it("when more was left out than was told", async () => {
    const [first] = await twice({ files, finished: { ...skipped("not a regular file"), notListed: 1 } });
    expect([first?.made, first?.stderr]).toEqual([false, `${leftOut}1 more\n`]);
  });

  it("but links, pipes and sockets are no part of it", async () => {
    const [first] = await twice({ files, finished: skipped("not a regular file", "not a regular file") });
    expect([first?.made, first?.stderr]).toEqual([true, ""]);
  });

  it("when the host could not write a file of it, which is a fault of the host", async () => {
    const [first, second] = await twice({ files: [...files, ["program/part", "y"], ["other", "z"]] });
    expect(first?.outcome).toEqual(fault("the product could not be written: EEXIST: file already exists"));
    expect([first?.made, second?.made, ground.wardens.leased, ground.onDisk()]).toEqual([false, false, 2, []]);
  });

  it("when it is larger than all unused products together may be", async () => {
    ground.wardens.tell = () => ({ files: [...files, ["other", "y"]] });
    const [large, fits] = [ground.compiler(undefined, 1), ground.compiler(undefined, 2)];
    for (const _time of [1, 2]) {
      const { compilation, product } = await large.compile(ground.request());
      expect(compilation.outcome).toEqual({ kind: "disk-limit", stage: "compile", violations: [] });
      const why = "it is larger than 1 bytes, which no product may be";
      expect(compilation.stderr).toBe(`glovebox: the compiler's product is not used, because ${why}\n`);
      expect([product, ground.staged(), ground.onDisk()]).toEqual([undefined, ["products"], []]);
    }
    expect((await fits.compile(ground.request())).product).toBeDefined();
  });

  it("but where the compiler has failed, that is what is told, whatever became of the files", async () => {
    const [first] = await twice({ files: [...files, ["program/part", "y"]], stderr: "bad", finished: ended(3) });
    expect(first?.outcome).toEqual({ kind: "exited", code: 3, stage: "compile", violations: [] });
    expect(first?.stderr).toBe("bad");
  });
});

describe("programs that are the same and do not compile", () => {
  const limits = (timeoutMs: number): Limits => ({ ...defaultCompileLimits, timeoutMs });

  /** Compiles the same program with each of the limits at once. `accounts`: of the compilers, in their order. */
  async function together(accounts: readonly Account[], all: readonly Limits[]) {
    const own = ground.compiler();
    const started: (() => void)[] = [];
    const left = [...accounts];
    ground.wardens.tell = async () => {
      const account = left.shift() ?? {};
      await new Promise<void>((resolve) => started.push(resolve));
      return account;
    };
    const results = Promise.all(all.map((each) => own.compile(ground.request({ limits: each }))));
    let over = false;
    results.finally(() => {
      over = true;
    });
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const go of started.splice(0)) go();
    }
    return (await results).map(({ compilation: { outcome } }) => ("code" in outcome ? outcome.code : outcome.kind));
  }

  it("are compiled once for all that ask at the same time with the same limits", async () => {
    const codes = await together(
      [{ finished: ended(1) }],
      Array.from({ length: 10 }, () => limits(1_000)),
    );
    expect([codes, ground.wardens.leased]).toEqual([Array.from({ length: 10 }, () => 1), 1]);
  });

  it("are compiled once for each of the limits", async () => {
    const accounts = [{ finished: ended(1) }, { finished: ended(2) }];
    const codes = await together(accounts, [limits(1_000), limits(2_000), limits(1_000), limits(2_000)]);
    const [one, other] = codes; // whichever compiler is the first
    expect([one, other].sort()).toEqual([1, 2]);
    expect([codes, ground.wardens.leased]).toEqual([[one, other, one, other], 2]);
  });

  it("are compiled anew after a cancelled compilation and after a fault of the host", async () => {
    const cancelled = { finished: { outcome: { kind: "cancelled" as const, violations: [] } } };
    const broken = { files: [["a", ""] as const, ["a/b", ""] as const] };
    const codes = await together([cancelled, broken, { finished: ended(4) }], [1, 1, 1, 1].map(limits));
    expect([codes, ground.wardens.leased]).toEqual([["cancelled", "sandbox-fault", 4, 4], 3]);
  });

  it("are compiled anew the next time", async () => {
    ground.wardens.tell = () => ({ finished: ended(1) });
    const own = ground.compiler();
    await own.compile(ground.request());
    await own.compile(ground.request());
    expect(ground.wardens.leased).toBe(2);
  });
});

describe("a toolchain that is replaced while it compiles", () => {
  it("has its product used by the run that asked for it, and found by nobody", async () => {
    const own = ground.compiler();
    let time = 2_000;
    ground.wardens.tell = () => {
      utimesSync(join(ground.folder, "tool"), time, time);
      return { files: [["program", `${time}`]] };
    };
    const first = await own.compile(ground.request());
    expect([first.compilation.outcome, first.product === undefined]).toMatchObject([
      { kind: "exited", code: 0 },
      false,
    ]);
    expect(ground.onDisk()).toEqual([]);
    utimesSync(join(ground.folder, "tool"), 1_000, 1_000);
    time = 1_000;
    expect((await own.compile(ground.request())).compilation.cached).toBe(false);
    expect((await own.compile(ground.request())).compilation.cached).toBe(true);
    expect(ground.wardens.leased).toBe(2);
  });
});

describe("when the host has no room, the compilation ends as a fault of the host and leaves nothing", () => {
  it("for the folder of the product: what was staged is gone", async () => {
    writeFileSync(join(ground.folder, "inputs/products"), "in its place");
    const { compilation, product } = await ground.compiler().compile(ground.request({}, "x".repeat(2 * 1024 * 1024)));
    const because = /^the host could not keep the files of the compiler: E[A-Z]+: [a-z ]+$/;
    expect(compilation.outcome).toEqual(fault(expect.stringMatching(because)));
    expect([product, ground.staged()]).toEqual([undefined, ["products"]]);
  });

  it("for the sources", async () => {
    const { compilation } = await ground
      .compiler(join(ground.folder, "tool"))
      .compile(ground.request({}, "x".repeat(2 * 1024 * 1024)));
    expect(compilation.outcome.kind).toBe("sandbox-fault");
  });

  it("for what is kept ready for a language", async () => {
    writeFileSync(join(ground.folder, "inputs/products"), "in its place");
    const { compilation, folder: made } = await ground.compiler().warm(ground.request());
    expect([compilation.outcome.kind, made]).toEqual(["sandbox-fault", undefined]);
  });

  it("for a product that the disk cache has", async () => {
    ground.wardens.tell = () => ({ files: [["program", "x"]] });
    await ground.compiler().compile(ground.request());
    rmSync(join(ground.folder, "inputs/products"), { recursive: true });
    writeFileSync(join(ground.folder, "inputs/products"), "in its place");
    expect((await ground.compiler().compile(ground.request())).compilation.outcome.kind).toBe("sandbox-fault");
    rmSync(join(ground.folder, "inputs/products"));
    expect((await ground.compiler().compile(ground.request())).compilation).toMatchObject({
      cached: true,
      outcome: { code: 0 },
    });
  });

  it("but what leasing a sandbox rejects with is passed on, and nothing stays staged either", async () => {
    const busy = new ProblemError("sandbox-busy", "none is free");
    const lease = () => Promise.reject(busy);
    await expect(ground.compiler().compile(ground.request({ lease }, "x".repeat(2 * 1024 * 1024)))).rejects.toBe(busy);
    expect(ground.staged()).toEqual(["products"]);
  });
});
