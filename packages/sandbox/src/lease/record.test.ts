import { defaultLimits, type Isolation, type Outcome } from "@glovebox/protocol";
import { describe, expect, test } from "vitest";
import { finishedWarnings, RunRecord } from "./record.ts";

const failed: Outcome = { kind: "exited", code: 1, stage: "run", violations: [] };
const isolation = (cgroups: Isolation["cgroups"]): Isolation => ({
  backend: "namespaces",
  cgroups,
  uids: "separate",
  waived: [],
});

function recordOf(type: string, message: string, source: string, traceback = ""): RunRecord {
  const record = new RunRecord([]);
  const frames = [{ file: "main.py", line: 1, function: "<module>", source }];
  record.message({ type: "error", error: { type, message, traceback, frames, line: 1 } });
  return record;
}

const again = "[Errno 11] Resource temporarily unavailable";

test("without cgroups a refused fork that ends the program names the limit of processes", () => {
  const record = recordOf("BlockingIOError", again, "os.fork()");
  expect(record.classify(failed, isolation("none"))).toEqual({ ...failed, violations: ["processes"] });
  expect(record.classify(failed, isolation("v2"))).toEqual(failed);
});

test("a library that is refused one names it too, by the last line of the traceback", () => {
  const traceback = (file: string, line: string) =>
    `Traceback:\n  File "${file}", line 1\n    ${line}\n    ^^^^^^\n${again}\n`;
  const refused = recordOf("BlockingIOError", again, "run(4)", traceback("popen_fork.py", "self.pid = os.fork()"));
  expect(refused.classify(failed, isolation("none"))).toEqual({ ...failed, violations: ["processes"] });
  const waiting = recordOf("BlockingIOError", again, "run(4)", traceback("subprocess.py", "os.read(0, 1)"));
  expect(waiting.classify(failed, isolation("none"))).toEqual(failed);
});

test("input that is not there yet is no refused process", () => {
  const record = recordOf("BlockingIOError", again, "os.read(0, 1)");
  expect(record.classify(failed, isolation("none"))).toEqual(failed);
});

test("a refused descriptor that ends the program names the limit of open files", () => {
  const record = recordOf("OSError", "[Errno 24] Too many open files: 'x'", "open('x')");
  expect(record.classify(failed, isolation("v1"))).toEqual({ ...failed, violations: ["openFiles"] });
});

test("without cgroups a refused allocation is out of memory", () => {
  const record = recordOf("MemoryError", "", "bytearray(2 * 10**9)");
  const outOfMemory = { kind: "out-of-memory", stage: "run", violations: [] };
  expect(record.classify(failed, isolation("none"))).toEqual(outOfMemory);
  expect(record.classify(failed, isolation("v1"))).toEqual(failed);
});

test("a program that ends well is taken at its word", () => {
  const well: Outcome = { kind: "exited", code: 0, stage: "run", violations: [] };
  expect(recordOf("OSError", "[Errno 24] x", "open('x')").classify(well, isolation("none"))).toEqual(well);
});

const mib = 1024 * 1024;
const head = {
  id: "1",
  language: "python",
  outcome: failed,
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
  isolation: isolation("v2"),
  limits: defaultLimits,
  compileLimits: undefined,
  metadata: undefined,
  createdAt: "2026-01-31T08:15:00.000Z",
  startedAt: "2026-01-31T08:15:00.001Z",
  finishedAt: "2026-01-31T08:15:00.002Z",
  compile: undefined,
};

test.each([
  ["x", 32 * mib],
  ["\x01", 5 * mib],
  ['"', 16 * mib],
  ["\xff", 7 * mib],
])("a flood of %j is kept up to 32 MiB of its JSON, with one warning", (character, kept) => {
  const record = new RunRecord([]);
  const piece = Buffer.alloc(mib, character, "latin1");
  for (let pieces = 0; pieces < 20; pieces++) {
    record.output("stdout", piece);
    record.output("stderr", piece);
  }
  const execution = record.execution(head);
  expect(execution.warnings[0]).toBe(`the record holds the first ${kept} bytes of output; read events for more`);
  expect(execution.stdout.length + execution.stderr.length).toBe(kept);
  expect(Buffer.byteLength(JSON.stringify(execution))).toBeLessThan(33 * mib);
});

test("output that is no UTF-8 is there as bytes too, with a warning", () => {
  const record = new RunRecord([]);
  record.output("stdout", Buffer.from([0, 255, 254, 0x41]));
  record.output("stderr", Buffer.from("a€"));
  const { stdout, stdoutBase64, stderr, stderrBase64, warnings } = record.execution(head);
  expect({ stdout, stdoutBase64, stderr, stderrBase64 }).toEqual({
    stdout: "\0\ufffd\ufffdA",
    stdoutBase64: "AP/+QQ==",
    stderr: "a€",
    stderrBase64: undefined,
  });
  expect(warnings).toEqual(["stdout is not UTF-8: stdoutBase64 has its bytes"]);
});

test("half of a character is no text, unless a limit has cut the output there", () => {
  const half = () => {
    const record = new RunRecord([]);
    record.output("stdout", Buffer.from([0x41, 0xe2, 0x82]));
    return record;
  };
  const cut: Outcome = { kind: "output-limit", limit: "outputBytes", stage: "run", violations: [] };
  expect(half().execution(head).stdoutBase64).toBe("QeKC");
  expect(half().execution({ ...head, outcome: cut })).toMatchObject({ stdout: "A\ufffd", warnings: [] });
  expect(half().execution({ ...head, outcome: cut }).stdoutBase64).toBeUndefined();
});

test("output of 32 MiB is kept whole, without a warning", () => {
  const record = new RunRecord([]);
  for (let pieces = 0; pieces < 32; pieces++) record.output("stdout", Buffer.alloc(mib, "x"));
  expect(record.execution(head).stdout.length).toBe(32 * mib);
  expect(record.warnings).toEqual([]);
});

describe("artifacts that were left out", () => {
  const warningsOf = (skipped: readonly [path: string, reason: string][], notListed = 0) =>
    finishedWarnings({
      outcome: { kind: "exited", code: 0, violations: [] },
      metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, startMs: 1 },
      skipped: skipped.map(([path, reason]) => ({ path, reason })),
      notListed,
      warnings: [],
    });

  test("have a warning each when they are few, with names that are escaped once", () => {
    expect(
      warningsOf([
        ["pipe", "not a regular file"],
        ["a\\nb", "the name cannot be printed"],
      ]),
    ).toEqual([
      'artifact "pipe" was left out: not a regular file',
      'artifact "a\\nb" was left out: the name cannot be printed',
    ]);
  });

  test("are one warning with their number when they are many", () => {
    const many = Array.from({ length: 99 }, (_, index): [string, string] => [`f${index}`, "more than 1000 files"]);
    expect(warningsOf([["pipe", "not a regular file"], ...many], 401)).toEqual([
      '501 artifacts were left out: not a regular file ("pipe"); more than 1000 files ("f0", "f1", "f2" and 96 more); ' +
        "401 more that are not listed",
    ]);
  });
});
