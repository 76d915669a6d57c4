import { dirname } from "node:path";
import type { Program } from "@glovebox/protocol";
import type { Toolchain } from "../languages/toolchain.ts";

export const workspace = "/workspace";
/** The folder by which a program and Glovebox talk, for languages whose runner is not the nursery's own. */
const jobFolder = "/glovebox";

/** What is above this many bytes stands in no variable: the kernel takes 128 KiB for one (MAX_ARG_STRLEN). */
const maxVariableBytes = 100 * 1024;
/** All variables of a job together, less what the request itself passes. */
const maxJobBytes = 1024 * 1024;
/** What the kernel takes of arguments and variables together: 2 MiB, a quarter of the stack (execve(2)), with a margin. */
const maxPassedBytes = 1_900 * 1024;

/** The same for every language; nothing of the host's is in it. */
const common = Object.freeze({
  HOME: workspace,
  USER: "sandbox",
  LOGNAME: "sandbox",
  SHELL: "/bin/sh",
  TMPDIR: "/tmp",
  LANG: "C.UTF-8",
  TERM: "dumb",
  XDG_CACHE_HOME: "/tmp/.cache",
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
});

/** The environment of a language's processes before a program is known. */
export function baseEnvironment(toolchain: Toolchain): Record<string, string> {
  const folders = new Set(Object.values(toolchain.tools).map((path) => dirname(path)));
  const path = new Set([...folders, "/usr/local/bin", "/usr/bin", "/bin"]);
  const order = toolchain.folders.length > 0 ? [...path] : ["/usr/local/bin", "/usr/bin", "/bin"];
  return { PATH: order.join(":"), ...common, ...toolchain.runtime.environment };
}

/**
 * The job of a program as variables, for languages that have no other way to be given it. What is too large for one
 * is left out: a program that needs it reads it from its file, and one that does not need it starts all the same.
 */
function jobVariables(id: string, program: Program, uploadedFiles: readonly string[]): Record<string, string> {
  const variables: Record<string, string> = {
    WORKSPACE: workspace,
    JOB_ID: id,
    GLOVEBOX_INPUT: `${jobFolder}/input.json`,
    GLOVEBOX_RESULTS: `${jobFolder}/results.jsonl`,
  };
  const passed = [...program.args, ...Object.entries(program.env).flat()];
  // Each has a NUL at its end and a pointer to it.
  const passedBytes = passed.reduce((sum, text) => sum + Buffer.byteLength(text) + 9, 0);
  let left = Math.min(maxJobBytes, maxPassedBytes - passedBytes);
  const set = (name: string, text: string) => {
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(text);
    if (text.includes("\0") || bytes > maxVariableBytes || bytes > left) return;
    left -= bytes;
    variables[name] = text;
  };
  set("UPLOADED_FILES", uploadedFiles.join("\n"));
  if (program.data !== null) set("INPUT_DATA", JSON.stringify(program.data));
  for (const [name, value] of Object.entries(program.parameters)) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    set(`PARAM_${name.toUpperCase().replace(/[^A-Z0-9_]/g, "_")}`, text);
  }
  return variables;
}

/** The whole environment of a program. What the request names comes last. */
export function programEnvironment(
  toolchain: Toolchain,
  id: string,
  program: Program,
  uploadedFiles: readonly string[],
): Record<string, string> {
  const base = baseEnvironment(toolchain);
  if (toolchain.runtime.start === "fork") return { ...base, ...program.env };
  return {
    ...base,
    ...jobVariables(id, program, uploadedFiles),
    GLOVEBOX_MEMORY_BYTES: String(program.limits.memoryBytes),
    ...program.env,
  };
}

/** The environment of a compiler: nothing of the request is in it, because its product serves other requests too. */
export function compilerEnvironment(toolchain: Toolchain, memoryBytes: number): Record<string, string> {
  return { ...baseEnvironment(toolchain), GLOVEBOX_MEMORY_BYTES: String(memoryBytes) };
}
