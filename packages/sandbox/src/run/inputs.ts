import { constants, type Stats } from "node:fs";
import { access, chmod, copyFile, link, mkdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import type { ExecutionSpec, SpecFile } from "../api.ts";

/** From this size on a file is mounted rather than written into the sandbox's memory. */
const stagedFromBytes = 1024 * 1024;
/** What the sandbox's file system counts in. */
const pageBytes = 4_096;

/** What a file of a size uses of the sandbox's disk. */
export function diskUse(size: number): number {
  return Math.ceil(size / pageBytes) * pageBytes;
}

/** An input as the lease names it; `data` travels behind the lease when it is not staged. */
type PreparedInput =
  | { readonly name: string; readonly size: number; readonly data: Uint8Array }
  | { readonly name: string; readonly staged: string };

export interface PreparedInputs {
  readonly files: readonly PreparedInput[];
  readonly stdin: { readonly size: number; readonly data: Uint8Array } | { readonly staged: string };
  /** What the files that are not staged use of the sandbox's disk. */
  readonly inlineBytes: number;
  /** Removes what was staged. */
  remove(): Promise<void>;
}

type Source = { readonly content: string | Uint8Array } | { readonly path: string };

/** What the host lacks for staging a file, rather than the caller for reading it. */
const ofHost = new Set(["ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE"]);

function unstaged(cause: unknown): ProblemError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const message = `the input files cannot be staged on this host (${reason}): its folder for them is full or cannot be written`;
  return new ProblemError("sandbox-unavailable", message, { cause });
}

function unreadable(field: string, path: string, cause: unknown): ProblemError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new ProblemError("unreadable-file", `${field}: ${path} cannot be read (${reason})`, {
    errors: [{ field, message: `${path} cannot be read: check its path and permissions` }],
    cause,
  });
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

async function prepare(
  field: string,
  source: Source,
  folder: string,
  staged: string,
): Promise<{ data: Uint8Array } | { staged: string }> {
  const target = join(folder, staged);
  if ("content" in source) {
    const data = typeof source.content === "string" ? Buffer.from(source.content) : source.content;
    if (data.byteLength < stagedFromBytes) return { data };
    await makeFolder(dirname(target));
    await writeFile(target, data, { flag: "wx" });
    await chmod(target, 0o444);
    return { staged };
  }
  try {
    const status = await stat(source.path);
    if (!status.isFile()) throw Object.assign(new Error("not a regular file"), { code: "not a regular file" });
    await access(source.path, constants.R_OK);
    if (status.size < stagedFromBytes) return { data: await readFile(source.path) };
    await makeFolder(dirname(target));
    await stagePath(source.path, status, target);
    return { staged };
  } catch (error) {
    if (ofHost.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    throw unreadable(field, source.path, error);
  }
}

function sourceOf(file: SpecFile): Source {
  return "path" in file ? { path: file.path } : { content: file.content };
}

const noInputs: PreparedInputs = {
  files: [],
  stdin: { size: 0, data: new Uint8Array() },
  inlineBytes: 0,
  remove: async () => {},
};

/**
 * Reads or stages the input files and standard input of a run below `folder`. Throws `unreadable-file` naming the
 * field, and `sandbox-unavailable` when the host has no room; nothing stays staged then.
 */
export async function prepareInputs(spec: ExecutionSpec, id: string, folder: string): Promise<PreparedInputs> {
  const sources = spec.files ?? [];
  if (sources.length === 0 && spec.stdin === undefined) return noInputs;
  const remove = () => rm(join(folder, id), { recursive: true, force: true });
  try {
    const files: PreparedInput[] = [];
    for (const [index, file] of sources.entries()) {
      const prepared = await prepare(`files[${index}].path`, sourceOf(file), folder, `${id}/${index}`);
      files.push({
        name: file.name,
        ...("data" in prepared ? { size: prepared.data.byteLength, ...prepared } : prepared),
      });
    }
    const { stdin = "" } = spec;
    const source = typeof stdin === "string" || stdin instanceof Uint8Array ? { content: stdin } : { path: stdin.path };
    const input = await prepare("stdin", source, folder, `${id}/stdin`);
    const inlineBytes = files.reduce((sum, file) => sum + ("data" in file ? diskUse(file.size) : 0), 0);
    return { files, stdin: "data" in input ? { size: input.data.byteLength, ...input } : input, inlineBytes, remove };
  } catch (error) {
    await remove();
    throw error instanceof ProblemError ? error : unstaged(error);
  }
}
