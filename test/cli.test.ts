/** The command line as a user has it: child processes on real sandboxes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { finishedExecutionSchema } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { z } from "zod";
import { stretched } from "../packages/sandbox/test/support/host-slowness.ts";
import { sha256 } from "../packages/sandbox/test/support/sha256.ts";
import { endChildren, endOf, startChild } from "./support/child.ts";
import { run, scratchFiles, seen } from "./support/cli.ts";
import { glovebox, main } from "./support/glovebox.ts";
import { withEmpty } from "./support/hidden.ts";

endChildren();
const { outFolder, scratch } = scratchFiles();

test("the output of the program is the output, and nothing else", async () => {
  expect(seen(await run("-c", "print(6*7)"))).toEqual({ status: 0, stdout: "42\n", stderr: "" });
});

test("the exit status of the program is the exit status", async () => {
  expect(seen(await run("-c", "import sys; sys.exit(3)"))).toEqual({ status: 3, stdout: "", stderr: "" });
});

test("an endless program ends with 124 soon after its time is over", async () => {
  const ended = await run("-c", "while True: pass", "--timeout", "1");
  expect(seen(ended)).toEqual({
    status: 124,
    stdout: "",
    stderr: "glovebox: timed out (limit 1 s; --timeout raises it)\n",
  });
  expect(ended.tookMs).toBeGreaterThan(1_000);
  // Ten seconds after the limit is when a warden that sleeps would be ended from outside.
  expect(ended.tookMs).toBeLessThan(1_000 + stretched(10_000));
});

test("a program that takes too much memory ends with 137 and is told so", async () => {
  const ended = seen(await run("-c", "bytearray(2*10**9)", "--memory", "100"));
  expect(ended).toEqual({
    status: 137,
    stdout: "",
    stderr: "glovebox: out of memory (limit 100 MB; --memory raises it)\n",
  });
});

test("a syntax error points at the line of the program", async () => {
  const { status, stdout, stderr } = seen(await run("-c", "print(1"));
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain('File "main.py", line 1\n    print(1\n');
  expect(stderr).toContain("SyntaxError: '(' was never closed");
});

test("the example of the README prints its table and leaves its results and its figure", async () => {
  const out = outFolder("airquality");
  const { status, stdout, stderr } = seen(
    await run("examples/airquality.py", "--file", "examples/data/airquality.csv", "--out", out),
  );
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: `glovebox: written to ${out}: display-1.txt, display-1.png, results.json\n`,
  });
  expect(stdout).toContain("153 days, 37 without an ozone reading\n");
  expect(stdout).toContain("August       31        60.0      168.0       84.0        8.8");
  expect(stdout).toContain("ozone = 2.43 * temperature -147.0   (r = 0.698, n = 116)\n");
  expect(JSON.parse(readFileSync(join(out, "results.json"), "utf8"))).toMatchObject({
    fit: { slope: 2.4287, intercept: -146.9955, r: 0.6984, n: 116 },
    worst_day: { date: "1973-08-25", ozone: 168 },
  });
  const figure = readFileSync(join(out, "display-1.png"));
  expect(figure.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
  expect(figure.readUInt32BE(16)).toBe(614); // the width, in the first chunk
});

test("--json prints exactly one object, the record", async () => {
  const program = "print('out'); save_result('n', 3); x = [1, 2]; open('made.txt', 'w').write('abc'); 6 * 7";
  const { status, stdout, stderr } = seen(await run("--json", "--return", "x", "-c", program));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.indexOf("\n")).toBe(stdout.length - 1);
  expect(finishedExecutionSchema.parse(JSON.parse(stdout))).toMatchObject({
    outcome: { kind: "exited", code: 0, violations: [] },
    stdout: "out\n",
    value: 42,
    results: { n: 3 },
    variables: { x: [1, 2] },
    artifacts: [{ path: "made.txt", size: 3, sha256: sha256(Buffer.from("abc")) }],
    warnings: [],
  });
});

test("--json keeps the exit status and says how the program failed in the record", async () => {
  const { status, stdout, stderr } = seen(await run("--json", "-c", "print(1)\n1/0"));
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  const record = finishedExecutionSchema.parse(JSON.parse(stdout));
  expect(record.error).toMatchObject({ type: "ZeroDivisionError", message: "division by zero", line: 2 });
  expect(record.stderr).toContain("ZeroDivisionError: division by zero");
});

test("without --out a returned variable and a result are told on stderr", async () => {
  const ended = await run("-c", "x = {'a': [1, 2]}; save_result('r', 'ok')", "--return", "x");
  expect(seen(ended)).toEqual({
    status: 0,
    stdout: "",
    stderr: 'glovebox: result r = "ok"\nglovebox: variable x = {"a":[1,2]}\n',
  });
});

test("--out keeps the files of the program byte by byte, and returned variables", async () => {
  const out = outFolder("kept");
  const program = `
import os
os.makedirs("deep/er")
open("deep/er/all.bin", "wb").write(bytes(range(256)) * 1000)
open("empty", "w").close()
open("/tmp/elsewhere", "w").write("not kept")
x = 7
`;
  const { status } = await run("-c", program, "--out", out, "--return", "x");
  expect(status).toBe(0);
  const all = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from(Array.from({ length: 256 }, (_, n) => n))));
  expect(readFileSync(join(out, "deep/er/all.bin")).equals(all)).toBe(true);
  expect(readFileSync(join(out, "empty"), "utf8")).toBe("");
  expect(JSON.parse(readFileSync(join(out, "variables.json"), "utf8"))).toEqual({ x: 7 });
  expect(readdirSync(out).sort()).toEqual(["deep", "empty", "variables.json"]);
});

test("an alias of a language is corrected with a warning", async () => {
  expect(seen(await run("--lang", "py", "-c", "print(1)"))).toEqual({
    status: 0,
    stdout: "1\n",
    stderr: "glovebox: warning: language: 'py' was read as 'python'\n",
  });
});

const checkSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  status: z.enum(["ok", "degraded", "missing"]),
  found: z.string(),
  cost: z.string(),
  fix: z.string().nullable(),
});

test("doctor says that sandboxes can be made here, as text and as one object", async () => {
  const [text, json] = [seen(await glovebox(["doctor"])), seen(await glovebox(["doctor", "--json"]))];
  expect([text.status, json.status, text.stderr, json.stderr]).toEqual([0, 0, "", ""]);
  const { usable, checks } = z
    .strictObject({ usable: z.boolean(), checks: z.array(checkSchema) })
    .parse(JSON.parse(json.stdout));
  expect(usable).toBe(true);
  expect(checks.filter((check) => check.status === "missing")).toEqual([]);
  const lines = text.stdout.split("\n");
  for (const { status, title } of checks) {
    const own = lines.filter((line) => line.startsWith(`${status.padEnd(8)}  ${title} `));
    expect({ title, lines: own.length }).toEqual({ title, lines: 1 });
  }
  expect(text.stdout).toContain("\nSandboxes can be made on this host.\n");
});

test("cgroups that another file system lies over are named, by doctor and by run, without a stack", async () => {
  const covered = async (...args: string[]) => {
    const command = withEmpty("/sys/fs/cgroup", [process.execPath, main, ...args]);
    const env = { GLOVEBOX_RUNTIME_DIR: join(scratch(), "runtime") };
    return seen(await endOf(startChild(command, { stdio: ["ignore", "pipe", "pipe"], env })));
  };
  const found = "a file system of type tmpfs is mounted over the cgroups in /sys/fs/cgroup";
  const doctor = await covered("doctor", "--json");
  expect({ status: doctor.status, stderr: doctor.stderr }).toEqual({ status: 1, stderr: "" });
  const { checks } = z.object({ checks: z.array(checkSchema) }).parse(JSON.parse(doctor.stdout));
  expect(checks.find(({ id }) => id === "cgroups")).toMatchObject({ found, fix: "sudo umount /sys/fs/cgroup" });

  // As the root of a user namespace, one has no ids for sandboxes either.
  const { status, stderr } = await covered("run", "--waive", "separate-uids", "-c", "print(1)");
  expect({ status, lines: stderr.split("\n") }).toEqual({
    status: 125,
    lines: [
      `glovebox: ${found}, so limits would be kept by sampling alone (mend it as 'glovebox doctor' says, or --waive cgroups)`,
      "glovebox: Mend it as `glovebox doctor` says, or waive it by name with --waive.",
      "",
    ],
  });
});

test("--version prints the version and --help the commands", async () => {
  expect(seen(await glovebox(["--version"]))).toEqual({ status: 0, stdout: "0.1.0\n", stderr: "" });
  const help = seen(await glovebox(["--help"]));
  expect({ status: help.status, stderr: help.stderr }).toEqual({ status: 0, stderr: "" });
  for (const command of ["run", "serve", "doctor", "languages"])
    expect(help.stdout).toMatch(new RegExp(`^ +${command} `, "m"));
  expect(help.stdout).not.toContain("setup-languages");
  expect(help.stdout).toContain("./glovebox setup [LANGUAGE...]");
  const ofRun = seen(await glovebox(["run", "--help"]));
  expect(ofRun.status).toBe(0);
  expect(ofRun.stdout).toContain("Exit status: that of the program; 124 timed out");
});
