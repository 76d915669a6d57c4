import type { HostRequest } from "@glovebox/protocol";
import { expect, test, vi } from "vitest";
import { patience } from "../../test/support/patience.ts";
import {
  finished,
  json,
  record,
  type Script,
  scriptedServer,
  sent,
  started,
  stream,
} from "../../test/support/scripted-server.ts";
import { CancelledEarly, type TargetIo } from "../target/target.ts";
import { Connection } from "./connection.ts";
import { ServerRun } from "./server-run.ts";

const program: HostRequest = { code: "1" };

/** A run on a server that answers so, and what it was asked. Output is taken as text, if it is `live`. */
async function startRun(script: Script, { live = true, ...io }: Omit<TargetIo, "output"> & { live?: boolean } = {}) {
  const server = await scriptedServer(script);
  const output: string[] = [];
  const take: TargetIo["output"] = (name, data) => void output.push(`${name} ${Buffer.from(data).toString("latin1")}`);
  const run = new ServerRun(new Connection(server.url), program, { ...io, ...(live ? { output: take } : {}) });
  return { ...server, run, output };
}

/** Answers the run with these events, and everything else as the other script does. */
const running =
  (events: string, other: Script = (_request, response) => response.writeHead(404).end()): Script =>
  (request, response) => {
    if (request.path === "/v1/executions") response.writeHead(200, stream).end(events);
    else other(request, response);
  };

test.each<[string, string, string]>([
  ["an event of another shape", 'data: {"type":"later","seq":0}\n\n', "does not understand, at type"],
  ["a stream without an end", ": hello\n\n", "the server ended its answer before the program had ended"],
])("%s is told as the server's", async (_name, events, says) => {
  const { run } = await startRun(running(events));
  await expect(run.end).rejects.toMatchObject({ code: "server-unreachable", message: expect.stringContaining(says) });
});

test("a run that the server rejects after all is its problem", async () => {
  const problem = { type: "urn:glovebox:problem:sandbox-busy", title: "t", status: 503, advice: "a", errors: [] };
  const { run } = await startRun(
    running(sent({ type: "rejected", problem: { ...problem, code: "sandbox-busy", detail: "d" } })),
  );
  await expect(run.end).rejects.toMatchObject({ code: "sandbox-busy", message: "d" });
});

test("output comes as the bytes that the program wrote, and that they are no text is nothing to warn of", async () => {
  const warnings = ["stdout is not UTF-8: the events' dataBase64 has its bytes", "w"];
  const events = sent(
    started,
    { type: "stdout", text: "a\ufffd", dataBase64: "Yf8=" },
    { type: "stderr", text: "b" },
    finished({ warnings }),
  );
  const { run, output } = await startRun(running(events), { warnings: ["ours"] });
  expect((await run.end).execution.warnings).toEqual(["ours", "w"]);
  expect(output).toEqual(["stdout a\xff", "stderr b"]);
});

test("events that the server gave up are said to be missing", async () => {
  const { run } = await startRun(running(sent(started, { type: "cut", from: 1 }, finished())));
  expect((await run.end).execution.warnings).toEqual([
    "output may be missing: it was read too late, and 1 event was dropped",
  ]);
});

test("who takes no output gets the record that the server keeps", async () => {
  const kept = JSON.stringify(record({ stdout: "all of it", warnings: ["w"] }));
  const script = running(sent(started, finished()), (_request, response) => response.writeHead(200, json).end(kept));
  const { run, paths } = await startRun(script, { live: false, warnings: ["ours"] });
  expect((await run.end).execution).toMatchObject({ stdout: "all of it", warnings: ["ours", "w"] });
  expect(paths()).toEqual(["POST /v1/executions", "GET /v1/executions/one"]);
});

test("a record that the server keeps no more is there without its output, and says so", async () => {
  const gone = { type: "t", title: "t", status: 404, detail: "d", code: "not-found", advice: "a", errors: [] };
  const script = running(sent(started, finished()), (_request, response) =>
    response.writeHead(404, json).end(JSON.stringify(gone)),
  );
  const { run } = await startRun(script, { live: false });
  const warning = "the output is missing: the server has no record of this run";
  expect((await run.end).execution).toMatchObject({ stdout: "", warnings: [warning] });
});

test("a cancel is a request with the grace, and the run goes on to its end", async () => {
  let end = () => {};
  const { run, asked, paths, output } = await startRun(({ path }, response) => {
    if (path === "/v1/executions") {
      response.writeHead(200, stream).write(sent(started, { type: "stdout", text: "ready" }));
      end = () => response.end(sent({ type: "stdout", text: "tidy" }, finished({ warnings: ["after"] })));
      return;
    }
    response.writeHead(202, json).end("{}");
    if (path === "/v1/executions/one/cancel" && asked.length === 3) end();
  });
  await vi.waitFor(() => expect(output).toEqual(["stdout ready"]), patience);
  run.cancel({ graceMs: 1_500 });
  await vi.waitFor(() => expect(asked).toHaveLength(2), patience);
  run.cancel();
  expect((await run.end).execution.warnings).toEqual(["after"]);
  expect(output).toEqual(["stdout ready", "stdout tidy"]);
  expect(paths().slice(1)).toEqual(["POST /v1/executions/one/cancel", "POST /v1/executions/one/cancel"]);
  expect(asked.slice(1).map(({ body }) => JSON.parse(body))).toEqual([{ graceMs: 1_500 }, {}]);
});

test("a cancel before the server has named the run closes the connection", async () => {
  let closed = 0;
  const { run, asked } = await startRun((_request, response) => void response.on("close", () => closed++));
  await vi.waitFor(() => expect(asked).toHaveLength(1), patience);
  run.cancel({ graceMs: 1_500 });
  await expect(run.end).rejects.toBeInstanceOf(CancelledEarly);
  await vi.waitFor(() => expect(closed).toBe(1), patience);
});

test("a cancel while standard input is awaited sends nothing", async () => {
  const { run, asked } = await startRun(running(""), { stdin: () => new Promise(() => {}) });
  run.cancel();
  await expect(run.end).rejects.toBeInstanceOf(CancelledEarly);
  expect(asked).toEqual([]);
});

test("a server that cannot be told of a cancel is left", async () => {
  const { run, output } = await startRun(({ path }, response) => {
    if (path !== "/v1/executions") response.writeHead(404, json).end("{}");
    else response.writeHead(200, stream).write(sent(started, { type: "stdout", text: "ready" }));
  });
  await vi.waitFor(() => expect(output).toEqual(["stdout ready"]), patience);
  run.cancel();
  await expect(run.end).rejects.toBeInstanceOf(CancelledEarly);
});
