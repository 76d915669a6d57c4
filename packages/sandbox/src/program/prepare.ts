import { defaultCompileLimits, type Limits, ProblemError } from "@glovebox/protocol";
import type { ExecutionSpec } from "../api.ts";
import { checkCompilerOptions } from "../languages/compiler-options.ts";
import { resolveRuntime } from "../languages/registry.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import type { Toolchains } from "../languages/toolchains.ts";
import { type PreparedInputs, prepareInputs } from "./inputs.ts";
import { mergeLimits } from "./limits.ts";
import { checkSpec } from "./spec.ts";
import { jobBytes, placeProgram, type Task, taskOf } from "./task.ts";

/** What a run is, once it is checked. */
export interface PreparedRun {
  readonly toolchain: Toolchain;
  /** As it was asked for, or with its code as a file, for languages that start from one. */
  readonly spec: ExecutionSpec;
  readonly limits: Limits;
  readonly compileLimits: Limits;
  readonly inputs: PreparedInputs;
  /** What the runner is given, without a compiler's product. */
  readonly task: Task;
  readonly warnings: readonly string[];
}

export interface Surroundings {
  readonly defaults: Limits;
  readonly ceiling: Limits;
  readonly toolchains: Toolchains;
  /** Folder of staged inputs. */
  readonly inputsFolder: string;
}

/** What a sandbox's file system holds besides the input files: the workspace itself, the job folder and what is in it. */
const ownInodes = 16;

/** The inodes of a sandbox with a disk limit; the same number as in runners/warden/mounts.py. */
function inodesFor(diskBytes: number): number {
  return Math.max(1_024, Math.min(262_144, Math.floor(diskBytes / 4_096)));
}

/** How many folders the names need, counted up to `most`: a name may have hundreds of them. */
function countFolders(names: readonly string[], most: number): number {
  const folders = new Set<string>();
  for (const name of names) {
    for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
      const folder = name.slice(0, end);
      if (folders.has(folder) || folders.size > most) break;
      folders.add(folder);
    }
  }
  return folders.size;
}

/** Throws `invalid-request` when the disk limit does not hold the input files: their bytes, or their number. */
function refuseWithoutRoom({ files = [] }: ExecutionSpec, diskBytes: number, needed: number): void {
  const most = inodesFor(diskBytes) - ownInodes;
  const names = files.map(({ name }) => name);
  const count = names.length + countFolders(names, most);
  if (needed <= diskBytes && count <= most) return;
  const message =
    needed > diskBytes
      ? `${diskBytes} bytes do not hold the input files, which need ${needed}`
      : `${diskBytes} bytes hold ${most} files and folders, and the input files and their folders are more`;
  throw new ProblemError("invalid-request", `limits.diskBytes: ${message}`, {
    errors: [{ field: "limits.diskBytes", message }],
  });
}

/**
 * Checks a request and prepares it. Throws `invalid-request`, `unknown-language`, `limit-over-ceiling`,
 * `language-unavailable` and `unreadable-file`; nothing is staged then.
 */
export async function prepareRun(spec: ExecutionSpec, id: string, surroundings: Surroundings): Promise<PreparedRun> {
  const { defaults, ceiling, toolchains, inputsFolder } = surroundings;
  checkSpec(spec);
  const { runtime, warning } = resolveRuntime(spec.language, spec.entry);
  checkCompilerOptions(runtime, spec.compilerOptions ?? []);
  const limits = mergeLimits(spec.limits, defaults, ceiling, runtime.floor);
  const ofCompiler = { ...defaultCompileLimits, ...runtime.compile?.limits };
  const compileLimits = mergeLimits(spec.compileLimits, ofCompiler, ceiling, runtime.floor, "compileLimits");
  const toolchain = toolchains.require(runtime);
  const placed = runtime.start === "fork" ? spec : placeProgram(spec, runtime).spec;
  const task = taskOf({ toolchain, id, spec: placed, memoryBytes: limits.memoryBytes });
  const ofTask = jobBytes(task);
  const room = (inlineBytes: number) => refuseWithoutRoom(placed, limits.diskBytes, inlineBytes + ofTask);
  const inputs = await prepareInputs(placed, id, inputsFolder, room);
  try {
    room(inputs.inlineBytes); // a file may have grown meanwhile
  } catch (error) {
    await inputs.remove();
    throw error;
  }
  const warnings = warning === undefined ? [] : [warning];
  // Commands and runners that read words are not told which variables are wanted.
  const returnsVariables = runtime.start !== "command" && runtime.taskFormat !== "words";
  if (!returnsVariables && (spec.returnVariables ?? []).length > 0) {
    warnings.push(`returnVariables: ${runtime.title} has no variables that could be returned; save results instead`);
  }
  return { toolchain, spec: placed, limits, compileLimits, inputs, task, warnings };
}
