import { defaultCompileLimits, type Limits, type Program } from "@glovebox/protocol";
import type { Toolchain } from "../languages/toolchain.ts";
import { type Inputs, stageInputs } from "./inputs.ts";
import { inlineBytes, refuseWithoutRoom } from "./room.ts";
import { jobBytes, placeProgram, type Task, taskOf } from "./task.ts";

/** What a sandbox is given to run a program. */
export interface PreparedRun {
  readonly toolchain: Toolchain;
  /** The program, with its code as a file for languages that start from one. */
  readonly program: Program;
  readonly limits: Limits;
  readonly compileLimits: Limits;
  readonly inputs: Inputs;
  /** What the runner is given, without a compiler's product. */
  readonly task: Task;
}

/**
 * Prepares a program for its sandbox; large files of the host are staged below `inputsFolder` under `id`. Rejects with
 * `invalid-request` when its disk limit does not hold its files, and as `stageInputs` does; nothing stays staged then.
 */
export async function prepareRun(
  program: Program,
  id: string,
  toolchain: Toolchain,
  inputsFolder: string,
): Promise<PreparedRun> {
  const { runtime } = toolchain;
  const { limits, compileLimits = defaultCompileLimits } = program;
  const placed = runtime.start === "fork" ? program : placeProgram(program, runtime);
  const task = taskOf({ toolchain, id, program: placed });
  const names = placed.files.map(({ name }) => name);
  if (names.length > 0) refuseWithoutRoom(names, limits.diskBytes, inlineBytes(placed.files) + jobBytes(task));
  const inputs = await stageInputs(placed, id, inputsFolder);
  return { toolchain, program: placed, limits, compileLimits, inputs, task };
}
