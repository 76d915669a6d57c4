/** `glovebox run --server`: the same output and status as without a server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { finishedExecutionSchema, problemSchema } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { eventually } from "../packages/sandbox/test/support/host-slowness.ts";
import { endChildren, endOf } from "./support/child.ts";
import { scratchFiles, seen } from "./support/cli.ts";
import { type Call, glovebox, startGlovebox } from "./support/glovebox.ts";
import { sharedServer } from "./support/server.ts";

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

test("--out has displays, results and variables, and says that files have stayed", async () => {
  const folder = outFolder("remote");
  const program = "save_result('n', 3)\nx = 1\nopen('kept.txt', 'w').close()";
  const args = ["run", "-c", program, "--return", "x", "--out", folder, "--server", server().url];
  expect(seen(await glovebox(args))).toEqual({
    status: 0,
    stdout: "",
    stderr:
      `glovebox: written to ${folder}: results.json, variables.json\n` +
      "glovebox: not written: 1 file, which a server keeps no content of\n",
  });
  expect(JSON.parse(readFileSync(join(folder, "results.json"), "utf8"))).toEqual({ n: 3 });
});

test("SIGINT cancels the program on the server", async () => {
  const program = "print('ready', flush=True)\nimport time; time.sleep(60)";
  const child = startGlovebox(["run", "-c", program, "--server", server().url]);
  const ended = endOf(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.kill("SIGINT");
  expect(seen(await ended)).toEqual({ status: 130, stdout: "ready\n", stderr: "glovebox: cancelled\n" });
  await eventually("nothing runs", async () => (await server().health()).sandboxes.running === 0 || undefined);
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
