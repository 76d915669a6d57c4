/** `glovebox run --server`: the same output and status as without a server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { executionPageSchema, finishedExecutionSchema, problemSchema } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { eventually, stretched } from "../packages/sandbox/test/support/host-slowness.ts";
import { endChildren, endOf } from "./support/child.ts";
import { scratchFiles, seen } from "./support/cli.ts";
import { type Call, glovebox, startGlovebox } from "./support/glovebox.ts";
import { open, sharedServer } from "./support/server.ts";

endChildren();
const server = sharedServer();
const { put, outFolder } = scratchFiles();

/** What a user sees of the same call here, and on the server. */
async function bothWays(args: readonly string[], call: Call = {}) {
  const here = await glovebox(["run", ...args], call);
  const there = await glovebox(["run", ...args], { ...call, env: { GLOVEBOX_SERVER: server().url } });
  return { here: seen(here), there: seen(there), bytes: [here.stdout, there.stdout] };
}

test.each<[string, readonly string[], number]>([
  ["output, a result and a status", ["-c", "import sys\nprint('out')\nsave_result('n', 3)\nsys.exit(3)"], 3],
  ["an error", ["-c", "print(1)\nraise ValueError('no')"], 1],
  ["a limit that was asked for", ["-c", "while True: pass", "--timeout", "0.2"], 124],
  ["a default limit", ["-c", "print('x' * 5_000_000)"], 137],
  ["an unknown language", ["-c", "1", "--lang", "pyhton"], 2],
  ["a file of no language", ["LICENSE", "--lang", "py", "--return", "x"], 1],
  ["an empty program", ["-c", " "], 2],
  ["a file of no language by its name", ["biome.json"], 2],
  ["data that would replace a prototype", ["-c", "1", "--data", '{"__proto__": 1}'], 2],
  ["a program with a line with #!", ["-c", "#!/usr/bin/env python3\nprint(1)"], 0],
  ["an interpreter of no language", ["-c", "#!/usr/bin/fish\necho"], 2],
])("%s is the same", async (_name, args, status) => {
  const { here, there } = await bothWays(args);
  expect(there).toEqual(here);
  expect(here.status).toBe(status);
});

test("bytes, files and standard input arrive and come back as they are", async () => {
  const binary = put("binary.bin", Uint8Array.from([0, 255, 254, 10]));
  const program = "import sys\nsys.stdout.buffer.write(open('in.bin', 'rb').read() + sys.stdin.buffer.read())";
  const stdin = Uint8Array.from([1, 0x80, 2]);
  const { here, there, bytes } = await bothWays(["-c", program, "--file", `in.bin=${binary}`], { stdin });
  expect(there).toEqual(here);
  expect(bytes.map((one) => [...one])).toEqual([
    [0, 255, 254, 10, 1, 0x80, 2],
    [0, 255, 254, 10, 1, 0x80, 2],
  ]);
});

test("--json prints the record of the server", async () => {
  const { status, stdout } = await glovebox(["run", "-c", "6 * 7", "--json", "--server", server().url]);
  expect(status).toBe(0);
  expect(finishedExecutionSchema.parse(JSON.parse(stdout.toString()))).toMatchObject({ value: 42, status: "finished" });
});

test("--out has files, displays, results and variables, the same as without a server", async () => {
  const program = [
    "import os",
    "os.makedirs('deep/er')",
    "open('deep/er/100% #1.bin', 'wb').write(bytes([0, 255]) * 300_000)",
    "open('empty.txt', 'w').close()",
    "save_result('n', 3)",
    "x = 1",
  ].join("\n");
  const [here, there] = [outFolder("here"), outFolder("there")];
  const args = ["run", "-c", program, "--return", "x", "--out"];
  const told = (folder: string) =>
    `glovebox: written to ${folder}: deep/er/100% #1.bin, empty.txt, results.json, variables.json\n`;
  expect(seen(await glovebox([...args, here]))).toEqual({ status: 0, stdout: "", stderr: told(here) });
  expect(seen(await glovebox([...args, there, "--server", server().url]))).toEqual({
    status: 0,
    stdout: "",
    stderr: told(there),
  });
  for (const folder of [here, there]) {
    const content = readFileSync(join(folder, "deep/er/100% #1.bin"));
    expect([content.length, content[0], content[599_999]]).toEqual([600_000, 0, 255]);
    expect(readFileSync(join(folder, "empty.txt"), "utf8")).toBe("");
    expect(JSON.parse(readFileSync(join(folder, "results.json"), "utf8"))).toEqual({ n: 3 });
    expect(JSON.parse(readFileSync(join(folder, "variables.json"), "utf8"))).toEqual({ x: 1 });
  }
});

test("a file over what a server keeps of one run is said to be missing", async () => {
  const folder = outFolder("large");
  const program = "open('large.bin', 'wb').write(b'x' * (65 * 1024 * 1024))\nopen('small.txt', 'w').write('x')";
  const args = ["run", "-c", program, "--disk", "100", "--out", folder, "--server", server().url];
  expect(seen(await glovebox(args))).toEqual({
    status: 2,
    stdout: "",
    stderr:
      `glovebox: written to ${folder}: small.txt\n` +
      "glovebox: not written: large.bin: the server did not keep the content\n",
  });
});

/** Starts a program that prints "ready" on the server, and sends a signal when it has. */
async function interrupted(program: string, signal: NodeJS.Signals, ...options: readonly string[]) {
  const child = startGlovebox(["run", "-c", program, "--server", server().url, ...options]);
  const ended = endOf(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.kill(signal);
  return { child, ended };
}

const nothingRuns = () =>
  eventually("nothing runs", async () => (await server().health()).sandboxes.running === 0 || undefined);

const tidy = `
import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    save_result("n", 3)
    print("tidy")
`;

test("SIGINT lets the program on the server end within the grace, and its output and results come", async () => {
  const { ended } = await interrupted(tidy, "SIGINT", "--grace", String(stretched(20_000) / 1_000));
  expect(seen(await ended)).toEqual({
    status: 130,
    stdout: "ready\ntidy\n",
    stderr: "glovebox: cancelled\nglovebox: result n = 3\n",
  });
  await nothingRuns();
});

test("a program on the server that ignores SIGINT is killed after the grace", async () => {
  const program =
    "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(60)";
  const { ended } = await interrupted(program, "SIGTERM", "--grace", "0.3");
  const { status, tookMs } = await ended;
  expect(status).toBe(143);
  expect(tookMs).toBeLessThan(stretched(20_000)); // by itself it would go on for 30 s
  await nothingRuns();
});

test("a second signal ends a program on the server that takes its time", async () => {
  const program =
    "import signal, time\nsignal.signal(signal.SIGINT, lambda *_: print('heard', flush=True))\nprint('ready', flush=True)\nwhile True: time.sleep(1)";
  const { child, ended } = await interrupted(program, "SIGINT", "--grace", "300");
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.kill("SIGINT");
  expect(seen(await ended)).toEqual({ status: 130, stdout: "ready\nheard\n", stderr: "glovebox: cancelled\n" });
  await nothingRuns();
});

test("--json has the record of a run on the server that was cancelled, with its output", async () => {
  const child = startGlovebox(["run", "-c", tidy, "--json", "--grace", "20", "--server", server().url]);
  const ended = endOf(child);
  const id = await eventually("it runs", async () => {
    const answer = await server().send({ path: "/v1/executions?status=running" });
    return executionPageSchema.parse(JSON.parse(answer.text)).executions[0]?.id;
  });
  const events = await open(server().url, { path: `/v1/executions/${id}/events` });
  for await (const piece of events) if (String(piece).includes("ready")) break;
  child.kill("SIGINT");
  const { status, stdout } = await ended;
  expect(status).toBe(130);
  const record = finishedExecutionSchema.parse(JSON.parse(stdout.toString()));
  expect(record).toMatchObject({ outcome: { kind: "cancelled" }, stdout: "ready\ntidy\n", results: { n: 3 } });
  await nothingRuns();
});

test("a reader of the output that goes away cancels the program on the server", async () => {
  const program = "print('ready', flush=True)\nwhile True: print('more')";
  const child = startGlovebox(["run", "-c", program, "--output-lines", "100000000", "--server", server().url]);
  const ended = endOf(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ status: 141, stderr: "" });
  await nothingRuns();
});

test("languages are listed of the server as of this host", async () => {
  const here = seen(await glovebox(["languages", "python", "lua"]));
  expect(here.status).toBe(0);
  expect(seen(await glovebox(["languages", "python", "lua", "--server", server().url]))).toEqual(here);
  const unknown = ["languages", "klingon"];
  const there = seen(await glovebox(unknown, { env: { GLOVEBOX_SERVER: server().url } }));
  expect(there).toEqual(seen(await glovebox(unknown)));
  expect(there.status).toBe(2);
});

test("a server that is not there, or is none, is told with 125", async () => {
  const gone = seen(await glovebox(["run", "-c", "1", "--server", "http://127.0.0.1:1"]));
  expect(gone).toMatchObject({ status: 125, stdout: "" });
  expect(gone.stderr).toContain("glovebox: http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n");
  const other = await glovebox(["run", "-c", "1", "--json", "--server", `${server().url}/elsewhere`]);
  expect([other.status, problemSchema.parse(JSON.parse(other.stdout.toString())).code]).toEqual([2, "not-found"]);
});

test("options that are for the server are refused", async () => {
  const { status, stderr } = await glovebox(["run", "-c", "1", "--server", server().url, "--toolchain", "/opt/go"]);
  expect(status).toBe(2);
  expect(stderr).toContain("--toolchain: is nothing that a server is told with a program");
});
