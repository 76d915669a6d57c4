import type { Isolation, Outcome, ProgramError } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { classify } from "./classify.ts";

const failed: Outcome = { kind: "exited", code: 1, stage: "run", violations: [] };
const isolation = (cgroups: Isolation["cgroups"]): Isolation => ({
  backend: "namespaces",
  cgroups,
  uids: "separate",
  waived: [],
});

function errorOf(type: string, message: string, source: string, traceback = ""): ProgramError {
  const frames = [{ file: "main.py", line: 1, function: "<module>", source }];
  return { type, message, traceback, frames, line: 1 };
}

const again = "[Errno 11] Resource temporarily unavailable";

test("without cgroups a refused fork that ends the program names the limit of processes", () => {
  const error = errorOf("BlockingIOError", again, "os.fork()");
  expect(classify(failed, error, isolation("none"))).toEqual({ ...failed, violations: ["processes"] });
  expect(classify(failed, error, isolation("v2"))).toEqual(failed);
});

test("a library that is refused one names it too, by the last line of the traceback", () => {
  const traceback = (file: string, line: string) =>
    `Traceback:\n  File "${file}", line 1\n    ${line}\n    ^^^^^^\n${again}\n`;
  const refused = errorOf("BlockingIOError", again, "run(4)", traceback("popen_fork.py", "self.pid = os.fork()"));
  expect(classify(failed, refused, isolation("none"))).toEqual({ ...failed, violations: ["processes"] });
  const waiting = errorOf("BlockingIOError", again, "run(4)", traceback("subprocess.py", "os.read(0, 1)"));
  expect(classify(failed, waiting, isolation("none"))).toEqual(failed);
});

test("input that is not there yet is no refused process", () => {
  const error = errorOf("BlockingIOError", again, "os.read(0, 1)");
  expect(classify(failed, error, isolation("none"))).toEqual(failed);
});

test("a refused descriptor that ends the program names the limit of open files", () => {
  const error = errorOf("OSError", "[Errno 24] Too many open files: 'x'", "open('x')");
  expect(classify(failed, error, isolation("v1"))).toEqual({ ...failed, violations: ["openFiles"] });
});

test("without cgroups a refused allocation is out of memory", () => {
  const error = errorOf("MemoryError", "", "bytearray(2 * 10**9)");
  const outOfMemory = { kind: "out-of-memory", stage: "run", violations: [] };
  expect(classify(failed, error, isolation("none"))).toEqual(outOfMemory);
  expect(classify(failed, error, isolation("v1"))).toEqual(failed);
});

test("a program that ends well is taken at its word", () => {
  const well: Outcome = { kind: "exited", code: 0, stage: "run", violations: [] };
  expect(classify(well, errorOf("OSError", "[Errno 24] x", "open('x')"), isolation("none"))).toEqual(well);
});
