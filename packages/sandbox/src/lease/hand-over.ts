import type { Limits } from "@glovebox/protocol";
import { encodeFrame } from "../frames/codec.ts";
import { kinds } from "../frames/kinds.ts";
import type { Inputs } from "../program/inputs.ts";
import type { Task } from "../program/task.ts";

const dataFrameBytes = 256 * 1024;

function* dataFrames(data: Uint8Array): Generator<Buffer> {
  for (let offset = 0; offset < data.byteLength; offset += dataFrameBytes) {
    yield* encodeFrame(kinds.fileData, data.subarray(offset, offset + dataFrameBytes));
  }
}

export interface HandOver {
  readonly limits: Limits;
  readonly inputs: Inputs;
  readonly task: Task;
  readonly sampleIntervalMs: number | undefined;
  /** Whether the content of artifacts comes out, or their hash alone. */
  readonly artifacts: "hash" | "content";
}

/**
 * The frames that hand a program to a parked sandbox: the lease itself, then the input files in their
 * order, the files of the job folder, standard input, and the task.
 */
export function* handOverFrames({ limits, inputs, task, sampleIntervalMs, artifacts }: HandOver): Generator<Buffer> {
  const { body, job } = task;
  yield* encodeFrame(kinds.lease, {
    limits,
    sampleMs: sampleIntervalMs ?? null,
    inputs: inputs.files.map((file) => ("data" in file ? { name: file.name, size: file.size } : file)),
    job: job && { ...job, files: job.files.map(({ name, data }) => ({ name, size: data.length })) },
    stdin: "data" in inputs.stdin ? { size: inputs.stdin.size } : inputs.stdin,
    artifacts,
    taskSize: body.length,
  });
  for (const file of inputs.files) if ("data" in file) yield* dataFrames(file.data);
  for (const file of job?.files ?? []) yield* dataFrames(file.data);
  if ("data" in inputs.stdin) yield* dataFrames(inputs.stdin.data);
  yield* dataFrames(body);
}
