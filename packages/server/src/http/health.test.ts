import { expect, test } from "vitest";
import { parseProblem, startHarness } from "../testing/http-harness.ts";

test("health names version, isolation and the programs, and HEAD answers without a body", async () => {
  const harness = await startHarness(function* () {});
  const answer = await harness.send("GET", "/healthz");
  const head = await harness.send("HEAD", "/healthz");
  await harness.close();
  expect(JSON.parse(answer.text)).toEqual({
    status: "ok",
    version: "1.2.3",
    isolation: { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] },
    sandboxes: { parked: 1, running: 0, waiting: 0, started: 0 },
  });
  expect([head.status, head.text]).toEqual([200, ""]);
});

test("from the start of the shutdown health is 503 and new executions are refused", async () => {
  const harness = await startHarness(function* () {});
  await harness.engine.drain();
  const health = await harness.send("GET", "/healthz");
  const refused = parseProblem(await harness.post({ code: "1" }));
  await harness.close();
  expect([health.status, JSON.parse(health.text).status]).toEqual([503, "closing"]);
  expect(refused.code).toBe("closed");
});
