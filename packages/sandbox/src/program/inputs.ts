import { constants, type Stats } from "node:fs";
import { chmod, copyFile, link, mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ProblemError, type Program, type Source } from "@glovebox/protocol";
import { eachOf } from "./each-of.ts";
import { lookAt, noRoom, ofCaller } from "./host-files.ts";
import { stagedFromBytes } from "./room.ts";

/** An input as the lease names it; `data` travels behind the lease when it is not staged. */
type Input =
  | { readonly name: string; readonly size: number; readonly data: Uint8Array }
  | { readonly name: string; readonly staged: string };

/** The input files and standard input of a run, at hand or staged where sandboxes can mount them from. */
export interface Inputs {
  readonly files: readonly Input[];
  readonly stdin: { readonly size: number; readonly data: Uint8Array } | { readonly staged: string };
  /** Removes what was staged. */
  remove(): Promise<void>;
}

/**
 * From this size on a file is linked where it can be, because a copy costs time and disk (measured: 70 ms for 64 MiB,
 * 450 ms for 500 MB).
 */
const linkedFromBytes = 64 * 1024 * 1024;

/** Copies by sharing blocks; false where the file system cannot. */
async function clone(path: string, target: string): Promise<boolean> {
  return copyFile(path, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
}

/** Makes a hard link; false on another file system and for files that the kernel protects from links. */
async function hardLink(path: string, target: string): Promise<boolean> {
  const real = await realpath(path); // link(2) would take a symbolic link itself
  return link(real, target).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the file `target` with the content of `path`: with shared blocks where the file system can, otherwise a copy,
 * and of a large file that everybody may read a hard link. A link is the caller's own file: a program that locks it
 * holds up the host's users of it.
 */
async function stagePath(path: string, { mode, size }: Stats, target: string): Promise<void> {
  if (!(await clone(path, target))) {
    if (size >= linkedFromBytes && (mode & 0o004) !== 0 && (await hardLink(path, target))) return;
    await copyFile(path, target, constants.COPYFILE_EXCL);
  }
  await chmod(target, 0o444);
}

/** The folder of one run's staged files. Modes are set apart, because the process's umask narrows them. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o711);
}

type Taken = { readonly size: number; readonly data: Uint8Array } | { readonly staged: string };

/** Has the bytes at hand, or puts them below `folder` as `staged`. */
async function takeBytes(content: string | Uint8Array, folder: string, staged: string): Promise<Taken> {
  const data = typeof content === "string" ? Buffer.from(content) : content;
  if (data.byteLength < stagedFromBytes) return { size: data.byteLength, data };
  const target = join(folder, staged);
  await makeFolder(dirname(target));
  await writeFile(target, data, { flag: "wx" });
  await chmod(target, 0o444);
  return { staged };
}

/** Puts a file of the host below `folder` as `staged`, whatever size it has by now. */
async function takeFile(field: string, path: string, folder: string, staged: string): Promise<Taken> {
  const status = await lookAt(field, path);
  const target = join(folder, staged);
  await makeFolder(dirname(target));
  await ofCaller(field, path, () => stagePath(path, status, target));
  return { staged };
}

const noInputs: Inputs = { files: [], stdin: { size: 0, data: new Uint8Array() }, remove: async () => {} };

/**
 * Stages the input files and standard input of a run below `folder`. Rejects with `unreadable-file` naming the field,
 * and with `sandbox-unavailable` when the host has no room; nothing stays staged then.
 */
export async function stageInputs(
  { files, stdin = "" }: Pick<Program, "files" | "stdin">,
  id: string,
  folder: string,
): Promise<Inputs> {
  if (files.length === 0 && stdin === "") return noInputs;
  const remove = () => rm(join(folder, id), { recursive: true, force: true });
  const take = (file: Source, index: number) =>
    "content" in file
      ? takeBytes(file.content, folder, `${id}/${index}`)
      : takeFile(`files[${index}].path`, file.path, folder, `${id}/${index}`);
  try {
    const taken = await eachOf(files, async (file, index) => ({ name: file.name, ...(await take(file, index)) }));
    const input =
      typeof stdin === "object" && "path" in stdin
        ? await takeFile("stdin", stdin.path, folder, `${id}/stdin`)
        : await takeBytes(stdin, folder, `${id}/stdin`);
    return { files: taken, stdin: input, remove };
  } catch (error) {
    await remove();
    throw error instanceof ProblemError ? error : noRoom(error);
  }
}
