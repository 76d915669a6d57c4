// Depends on: nothing.
import { join } from "node:path";
import type { FinishedExecution } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { c, compilers, cSandboxes, neverCompiled, says } from "./support/c-programs.ts";
import { patience } from "./support/host-slowness.ts";
import { lives } from "./support/processes.ts";
import { openSandboxes } from "./support/sandboxes.ts";
import { staged } from "./support/staged.ts";

const { folder, sandboxes, run } = cSandboxes();

describe("a run that is cancelled while its compiler runs", () => {
  const cancelled = (execution: FinishedExecution) => [execution.outcome.kind, execution.outcome.stage];

  it("ends as cancelled in that stage, and nothing of the compiler is left", async () => {
    const before = staged();
    const own = sandboxes().execute(c(neverCompiled));
    await expect.poll(() => compilers().length, patience).toBe(1);
    own.cancel();
    const execution = await own.result;
    expect(cancelled(execution)).toEqual(["cancelled", "compile"]);
    expect(execution.compile?.outcome).toEqual(execution.outcome);
    expect(compilers()).toEqual([]);
    expect(staged()).toEqual(before);
    expect((await run(c(says("after a cancel")))).stdout).toBe("after a cancel\n");
    expect(sandboxes().stats()).toMatchObject({ running: 0, waiting: 0 });
  });

  it("ends so through its signal too", async () => {
    const controller = new AbortController();
    const own = sandboxes().execute(c(neverCompiled), { signal: controller.signal });
    await expect.poll(() => compilers().length, patience).toBe(1);
    controller.abort();
    expect(cancelled(await own.result)).toEqual(["cancelled", "compile"]);
  });

  it("ends so while it waits for the compiler of another run, which goes on", async () => {
    const spec = c(`${neverCompiled}/* shared */`);
    const first = sandboxes().execute(spec);
    await expect.poll(() => compilers().length, patience).toBe(1);
    const going = compilers();
    const second = sandboxes().execute(spec);
    // While a later run is compiled, the second one would have come to a compiler of its own.
    expect((await run(c(says("meanwhile")))).stdout).toBe("meanwhile\n");
    expect(compilers()).toEqual(going);
    second.cancel();
    expect((await second.result).outcome.kind).toBe("cancelled");
    expect(compilers()).toEqual(going);
    expect(going.map(lives)).toEqual([true]);
    first.cancel();
    expect(cancelled(await first.result)).toEqual(["cancelled", "compile"]);
  });

  it("ends when the sandboxes are closed, and nothing is left of it", async () => {
    const own = await openSandboxes({ languages: ["c"], cacheDir: join(folder(), "closed") });
    const going = own.execute(c(neverCompiled));
    await expect.poll(() => compilers().length, patience).toBe(1);
    await own.close();
    expect((await going.result).outcome.kind).toBe("cancelled");
    expect(compilers()).toEqual([]);
  });
});
