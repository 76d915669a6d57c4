import { constants } from "node:fs";
import { access, mkdir, open, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { FinishedExecution } from "@glovebox/protocol";
import { mistake, reason } from "../arguments/mistake.ts";
import { displayFiles, type OutFile } from "./displays.ts";

/** Makes the folder of `--out` and checks that it can be written. Gives its absolute path. */
export async function prepareOutFolder(folder: string): Promise<string> {
  try {
    await makeFolder(resolve(folder));
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw mistake("--out", `cannot write to ${JSON.stringify(folder)}: ${reason(cause)}`, cause);
  }
  return resolve(folder);
}

/** Node's own recursive way does not end below /proc, where a folder is there and nothing can be made in it. */
async function makeFolder(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path);
}

export interface Written {
  /** Names below the folder, the files of the program among them. */
  readonly names: readonly string[];
  /** What could not be written, and why. */
  readonly failures: readonly string[];
}

/** Writes displays, results and variables of an execution beside the files of its program, which are there already. */
export async function writeOutFiles(
  folder: string,
  execution: FinishedExecution,
  filesOfProgram: readonly string[],
): Promise<Written> {
  const names = [...filesOfProgram];
  const taken = new Set(names.map((name) => name.split("/", 1)[0]));
  const failures: string[] = [];
  for (const file of filesOf(execution)) {
    const name = freeName(file.name, taken);
    taken.add(name);
    try {
      await writeRegularFile(join(folder, name), file.data);
      names.push(name);
    } catch (error) {
      failures.push(`cannot write ${name}: ${reason(error)}`);
    }
  }
  return { names, failures };
}

function filesOf({ displays, results, variables }: FinishedExecution): OutFile[] {
  const files = displayFiles(displays);
  for (const [name, record] of Object.entries({ "results.json": results, "variables.json": variables })) {
    if (Object.keys(record).length > 0) files.push({ name, data: `${JSON.stringify(record, null, 2)}\n` });
  }
  return files;
}

/** The program may have written a file of the same name; then ours gets a number. */
function freeName(name: string, taken: ReadonlySet<string | undefined>): string {
  const dot = name.lastIndexOf(".");
  let candidate = name;
  for (let number = 2; taken.has(candidate); number++) candidate = `${name.slice(0, dot)}-${number}${name.slice(dot)}`;
  return candidate;
}

/** Creates a file or replaces a regular one; follows no link, and waits for no pipe. */
async function writeRegularFile(path: string, data: string | Uint8Array): Promise<void> {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o666);
  try {
    if (!(await file.stat()).isFile()) throw new Error("there is something of that name that is no regular file");
    await file.truncate();
    await file.writeFile(data);
  } finally {
    await file.close();
  }
}
