import type { Limits } from "@glovebox/protocol";
import type { ExecutionSpec } from "../api.ts";
import { encodeFrame } from "../frames/codec.ts";
import { kinds } from "../frames/kinds.ts";
import type { PreparedInputs } from "./inputs.ts";

const workspace = "/workspace";
const dataFrameBytes = 256 * 1024;

/** The whole environment of a program; nothing of the host's is in it. */
const baseEnvironment = Object.freeze({
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: workspace,
  USER: "sandbox",
  LOGNAME: "sandbox",
  SHELL: "/bin/sh",
  TMPDIR: "/tmp",
  LANG: "C.UTF-8",
  TERM: "dumb",
  PYTHONDONTWRITEBYTECODE: "1",
  MPLBACKEND: "module://glovebox_matplotlib",
  MPLCONFIGDIR: "/tmp/matplotlib",
  XDG_CACHE_HOME: "/tmp/.cache",
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
});

function task(id: string, spec: ExecutionSpec): object {
  return {
    code: spec.code ?? null,
    entry: spec.entry ?? null,
    args: spec.args ?? [],
    env: { ...baseEnvironment, ...spec.env },
    parameters: spec.parameters ?? {},
    data: spec.data ?? null,
    uploadedFiles: (spec.files ?? []).map((file) => file.name).filter((name) => name !== spec.entry),
    returnVariables: spec.returnVariables ?? [],
    jobId: id,
    context: {
      execution_id: id,
      session: null,
      cycle: null,
      metadata: spec.metadata ?? {},
      capabilities: [],
      job_id: id,
    },
    workspace,
  };
}

function* dataFrames(data: Uint8Array): Generator<Buffer> {
  for (let offset = 0; offset < data.byteLength; offset += dataFrameBytes) {
    yield* encodeFrame(kinds.fileData, data.subarray(offset, offset + dataFrameBytes));
  }
}

/**
 * The frames that hand a program to a parked sandbox: the lease itself, then the input files in their
 * order, standard input, and the task.
 */
export function* leaseFrames(
  id: string,
  spec: ExecutionSpec,
  limits: Limits,
  inputs: PreparedInputs,
  artifacts: "hash" | "content",
): Generator<Buffer> {
  const body = Buffer.from(JSON.stringify(task(id, spec)));
  yield* encodeFrame(kinds.lease, {
    limits,
    sampleMs: spec.sampleIntervalMs ?? null,
    inputs: inputs.files.map((file) => ("data" in file ? { name: file.name, size: file.size } : file)),
    stdin: "data" in inputs.stdin ? { size: inputs.stdin.size } : inputs.stdin,
    artifacts,
    taskSize: body.length,
  });
  for (const file of inputs.files) if ("data" in file) yield* dataFrames(file.data);
  if ("data" in inputs.stdin) yield* dataFrames(inputs.stdin.data);
  yield* dataFrames(body);
}
