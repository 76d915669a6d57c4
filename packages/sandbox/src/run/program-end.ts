import { isUtf8 } from "node:buffer";
import {
  type Compilation,
  type Isolation,
  type Metrics,
  type Outcome,
  type ProgramEnd,
  unfinishedBytes,
} from "@glovebox/protocol";
import type { Capture, Stream } from "../lease/capture.ts";

/** How a program ended, with what it said. */
export function programEnd(
  capture: Capture,
  how: {
    readonly outcome: Outcome;
    readonly metrics: Metrics;
    readonly isolation: Isolation;
    readonly compile: Compilation | undefined;
  },
): ProgramEnd {
  const { outcome, metrics, isolation, compile } = how;
  const wasCut = capture.cut || outcome.kind === "output-limit";
  const stdout = streamOf(capture, "stdout", wasCut);
  const stderr = streamOf(capture, "stderr", wasCut);
  return {
    outcome,
    stdout: stdout.text,
    stderr: stderr.text,
    ...(stdout.base64 === undefined ? {} : { stdoutBase64: stdout.base64 }),
    ...(stderr.base64 === undefined ? {} : { stderrBase64: stderr.base64 }),
    value: capture.value,
    results: Object.fromEntries(capture.results),
    variables: { ...capture.variables },
    displays: capture.displays,
    artifacts: capture.artifacts,
    error: capture.error,
    metrics,
    ...(compile === undefined ? {} : { compile }),
    warnings: capture.warnings,
    isolation,
  };
}

/** A stream as text, and as its bytes where they are no text. A character that was cut off at the end is none. */
function streamOf(
  capture: Capture,
  stream: Stream,
  wasCut: boolean,
): { readonly text: string; readonly base64?: string } {
  const bytes = capture.bytes(stream);
  const text = bytes.toString("utf8");
  if (isUtf8(wasCut ? bytes.subarray(0, bytes.length - unfinishedBytes(bytes)) : bytes)) return { text };
  capture.warn(`${stream} is not UTF-8: ${stream}Base64 has its bytes`);
  return { text, base64: bytes.toString("base64") };
}
