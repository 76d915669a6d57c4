/** How a server ends, and what is left of it then. */
import { describe, expect, test } from "vitest";
import { eventually } from "../packages/sandbox/test/support/host-slowness.ts";
import { endChildren } from "./support/child.ts";
import { glovebox } from "./support/glovebox.ts";
import { program, startServer, untilRunning } from "./support/server.ts";
import { tracesOf } from "./support/traces.ts";

endChildren();

describe("the end", () => {
  const long = "print('ready', flush=True)\nimport time; time.sleep(60)";

  test("SIGTERM lets programs end, cancels the others, answers all, ends with 0 and leaves nothing", async () => {
    const own = await startServer(["--preload", "json"]);
    const short = own.execute({ code: "import time; time.sleep(2); print('done')" });
    const endless = own.execute({ code: long });
    await eventually("both have started", async () => (await own.health()).sandboxes.started === 2 || undefined);
    const traces = tracesOf(own.pid);
    expect(traces.processes).toBeGreaterThan(4);
    expect(traces.folders().length).toBeGreaterThan(0);
    own.child.kill("SIGTERM");
    await eventually("closing", async () => (await own.health()).status === "closing" || undefined);
    expect((await own.send({ path: "/healthz" })).status).toBe(503);
    expect(await own.refused(program({ code: "1" }))).toMatchObject({ status: 503, code: "closed" });
    expect(await short).toMatchObject({ stdout: "done\n", outcome: { kind: "exited", code: 0 } });
    expect((await endless).outcome.kind).toBe("cancelled");
    expect(await own.ended).toMatchObject({ status: 0, signal: null });
    await eventually("every process is gone", () => traces.living().length === 0 || undefined);
    expect(traces.folders()).toEqual([]);
  });

  test("SIGTERM right after the server has said that it listens leaves nothing either", async () => {
    const own = await startServer(["--preload", "json"]);
    own.child.kill("SIGTERM");
    expect(await own.ended).toMatchObject({ status: 0, signal: null });
    expect(tracesOf(own.pid).folders()).toEqual([]);
  });

  test("a second signal ends it at once", async () => {
    const own = await startServer(["--preload", ""]);
    const endless = own.execute({ code: long }).catch(() => {});
    await untilRunning(own, 1);
    const traces = tracesOf(own.pid);
    own.child.kill("SIGTERM");
    await eventually("closing", async () => (await own.health()).status === "closing" || undefined);
    own.child.kill("SIGINT");
    expect((await own.ended).status).toBe(130);
    await endless;
    await eventually("every process is gone", () => traces.living().length === 0 || undefined);
  });

  test("when the server is killed its sandboxes die with it, and the next one removes what it left", async () => {
    const own = await startServer(["--preload", "json"]);
    const lost = Promise.allSettled([own.execute({ code: long }), own.execute({ code: `import json\n${long}` })]);
    await untilRunning(own, 2);
    const traces = tracesOf(own.pid);
    expect(traces.processes).toBeGreaterThan(4);
    own.child.kill("SIGKILL");
    await own.ended;
    await eventually("every process is dead", () => traces.living().length === 0 || undefined);
    await lost;
    expect(traces.folders()).not.toEqual([]);
    const next = await startServer(["--preload", "", "--pool-min", "0"]);
    expect(traces.folders()).toEqual([]);
    expect((await next.stop()).status).toBe(0);
  });

  test("a port that is taken is named, with 2", async () => {
    const first = await startServer(["--preload", "", "--pool-min", "0"]);
    const { port } = new URL(first.url);
    const { status, stderr } = await glovebox(["serve", "--preload", "", "--pool-min", "0", "--port", port]);
    expect(status).toBe(2);
    expect((await first.stop()).status).toBe(0);
    expect(stderr).toContain(`glovebox: --port: port ${port} of 127.0.0.1 is in use: stop what listens there, or take`);
  });
});
