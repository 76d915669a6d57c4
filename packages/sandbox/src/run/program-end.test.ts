import type { Isolation, Outcome } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { Capture } from "../lease/capture.ts";
import { programEnd } from "./program-end.ts";

const mib = 1024 * 1024;
const how = {
  outcome: { kind: "exited", code: 1, stage: "run", violations: [] } as Outcome,
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, queueMs: 0, startMs: 0 },
  isolation: { backend: "namespaces", cgroups: "v2", uids: "separate", waived: [] } as Isolation,
  compile: undefined,
};

test.each([
  ["x", 32 * mib],
  ["\x01", 5 * mib],
  ['"', 16 * mib],
  ["\xff", 7 * mib],
])("a flood of %j is kept up to 32 MiB of its JSON, with one warning", (character, kept) => {
  const capture = new Capture();
  const piece = Buffer.alloc(mib, character, "latin1");
  for (let pieces = 0; pieces < 20; pieces++) {
    capture.output("stdout", piece);
    capture.output("stderr", piece);
  }
  const execution = programEnd(capture, how);
  expect(execution.warnings[0]).toBe(`the record holds the first ${kept} bytes of output; read events for more`);
  expect(execution.stdout.length + execution.stderr.length).toBe(kept);
  expect(Buffer.byteLength(JSON.stringify(execution))).toBeLessThan(33 * mib);
});

test("output that is no UTF-8 is there as bytes too, with a warning", () => {
  const capture = new Capture();
  capture.output("stdout", Buffer.from([0, 255, 254, 0x41]));
  capture.output("stderr", Buffer.from("a€"));
  const { stdout, stdoutBase64, stderr, stderrBase64, warnings } = programEnd(capture, how);
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
    const capture = new Capture();
    capture.output("stdout", Buffer.from([0x41, 0xe2, 0x82]));
    return capture;
  };
  const cut: Outcome = { kind: "output-limit", limit: "outputBytes", stage: "run", violations: [] };
  expect(programEnd(half(), how).stdoutBase64).toBe("QeKC");
  expect(programEnd(half(), { ...how, outcome: cut })).toMatchObject({ stdout: "A\ufffd", warnings: [] });
  expect(programEnd(half(), { ...how, outcome: cut }).stdoutBase64).toBeUndefined();
});

test("output of 32 MiB is kept whole, without a warning", () => {
  const capture = new Capture();
  for (let pieces = 0; pieces < 32; pieces++) capture.output("stdout", Buffer.alloc(mib, "x"));
  expect(programEnd(capture, how).stdout.length).toBe(32 * mib);
  expect(capture.warnings).toEqual([]);
});
