import type { Check } from "../api.ts";
import { runtimeRoot } from "../host/instance-folder.ts";
import { forbidsExecution, readMounts } from "../host/mounts.ts";

/** Whether what compilers make can be executed where sandboxes see it, which they cannot where the host forbids it. */
export function checkRuntimeFolder(runtimeDir: string | undefined, mounts = readMounts()): Check {
  const check = { id: "runtime-folder", title: "folder for sockets and staged files" };
  const folder = runtimeRoot(runtimeDir);
  if (!forbidsExecution(folder, mounts)) return { ...check, status: "ok", found: folder, cost: "", fix: null };
  return {
    ...check,
    status: "degraded",
    found: `${folder} is on a file system mounted noexec`,
    cost: "what compilers make cannot be started there: such programs end with status 126",
    fix: "export GLOVEBOX_RUNTIME_DIR=FOLDER   # a folder of yours on another file system",
  };
}
