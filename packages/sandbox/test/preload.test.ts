// Depends on: cgroups.
import { beforeAll, describe, expect, it, vi } from "vitest";
import { stretched } from "./support/host-slowness.ts";
import { openSandboxes, program, sharedSandboxes, using } from "./support/sandboxes.ts";

const lines: string[] = [];
const sandboxes = sharedSandboxes({ preload: ["numpy", "pandas", "no_such_library"], log: (line) => lines.push(line) });
// One sandbox without the libraries and one with them, once they are loaded.
beforeAll(() => vi.waitFor(() => expect(sandboxes().stats().parked).toBe(2), stretched(40_000)));
const run = (code: string) => sandboxes().execute({ code }).result;

describe("a preloaded library", () => {
  it("is there before the program asks for it, in a program that names it", async () => {
    const execution = await run("import sys\n['pandas' in sys.modules, 'numpy' in sys.modules]  # pandas");
    expect(execution.value).toEqual([true, true]);
  });

  it("is not there in a program that does not name it, and can be imported all the same", async () => {
    const execution = await run(
      "import sys\nname = 'pan' + 'das'\nbefore = name in sys.modules\n[before, __import__(name).__name__]",
    );
    expect(execution.value).toEqual([false, "pandas"]);
  });

  it("works", async () => {
    const code = program(
      "import pandas",
      "frame = pandas.read_csv('in.csv')",
      "frame.groupby('k').sum().to_csv('out.csv')",
      "int(frame['v'].sum())",
    );
    const files = [{ name: "in.csv", content: "k,v\na,1\nb,2\na,3\n" }];
    const execution = await sandboxes().execute({ code, files }).result;
    expect(execution.value).toBe(6);
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["out.csv"]);
  });

  it("costs far less than its import: no memory of it is counted against the program", async () => {
    const execution = await run("import pandas\npandas.DataFrame({'a': [1]}).shape");
    expect(execution.value).toEqual([1, 1]);
    expect(execution.metrics.peakMemoryBytes).toBeLessThan(32 * 1024 * 1024);
  });

  it("has fresh randomness in each sandbox", async () => {
    const code = "import numpy\n[float(numpy.random.random()), float(numpy.random.default_rng().random())]";
    const runs = await Promise.all(Array.from({ length: 4 }, () => run(code)));
    expect(new Set(runs.map(({ value }) => JSON.stringify((value as unknown[])[0]))).size).toBe(4);
    expect(new Set(runs.map(({ value }) => JSON.stringify((value as unknown[])[1]))).size).toBe(4);
  });

  it("is fresh in each sandbox, whatever a program did to it", async () => {
    await run("import pandas\npandas.read_csv = None\npandas.left = 1");
    expect((await run("import pandas\n[callable(pandas.read_csv), hasattr(pandas, 'left')]")).value).toEqual([
      true,
      false,
    ]);
  });

  it("that does not exist is told to the operator and harms nothing", () => {
    expect(lines.filter((line) => line.includes("no_such_library"))).toEqual([
      "nursery: preload of no_such_library failed: ModuleNotFoundError: No module named 'no_such_library'",
    ]);
  });

  it("may still be loading when the first program that names it comes", async () => {
    await using({ preload: ["pandas"] }, async (fresh) => {
      const [named, other] = [fresh.execute({ code: "import pandas\n1" }), fresh.execute({ code: "2" })];
      expect((await other.result).value).toBe(2);
      expect((await named.result).value).toBe(1);
    });
  });

  it("may still be loading when the sandboxes are closed", async () => {
    const fresh = await openSandboxes({ preload: ["pandas"] });
    await fresh.close();
    await expect(fresh.execute({ code: "1" }).result).rejects.toMatchObject({ code: "closed" });
  });
});
