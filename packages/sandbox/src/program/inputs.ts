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

/** A source that was looked at: what is known of a file of the host, or bytes. */
type Looked = { readonly data: Uint8Array } | { readonly path: string; readonly status: Stats };

async function look(field: string, source: Source): Promise<Looked> {
  if ("content" in source) {
    return { data: typeof source.content === "string" ? Buffer.from(source.content) : source.content };
  }
  const { path } = source;
  try {
    const status = await stat(path);
    if (!status.isFile()) throw Object.assign(new Error("not a regular file"), { code: "not a regular file" });
    await access(path, constants.R_OK);
    return { path, status };
  } catch (error) {
    throw ofHost.has((error as NodeJS.ErrnoException).code ?? "") ? error : unreadable(field, path, error);
  }
}

const sizeOf = (looked: Looked) => ("data" in looked ? looked.data.byteLength : looked.status.size);
const isStaged = (looked: Looked) => sizeOf(looked) >= stagedFromBytes;

/** Reads a file, or puts it below `folder` as `staged`. */
async function take(
  field: string,
  looked: Looked,
  folder: string,
  staged: string,
): Promise<{ data: Uint8Array } | { staged: string }> {
  if (!isStaged(looked)) {
    if ("data" in looked) return looked;
    return {
      data: await readFile(looked.path).catch((error) => Promise.reject(unreadable(field, looked.path, error))),
    };
  }
  const target = join(folder, staged);
  await makeFolder(dirname(target));
  if ("data" in looked) {
    await writeFile(target, looked.data, { flag: "wx" });
    await chmod(target, 0o444);
    return { staged };
  }
  try {
    await stagePath(looked.path, looked.status, target);
    return { staged };
  } catch (error) {
    throw ofHost.has((error as NodeJS.ErrnoException).code ?? "") ? error : unreadable(field, looked.path, error);
  }
}

/** Files that are looked at or read at the same time; the pool of threads behind has four. */
const atOnce = 16;

/** Like `Promise.all` over `work` of each, a few at a time. After a failure none is begun, and none is under way. */
async function eachOf<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failed) return;
      results[index] = await work(item, index).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, worker);
  for (const end of await Promise.allSettled(workers)) if (end.status === "rejected") throw end.reason;
  return results;
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

/** Told what the files will use of the sandbox's disk, before they are read; throws when that is too much. */
type Admit = (inlineBytes: number) => void;

/**
 * Reads or stages the input files and standard input of a run below `folder`. Throws `unreadable-file` naming the
 * field, `sandbox-unavailable` when the host has no room, and what `admit` throws; nothing stays staged then.
 */
export async function prepareInputs(
  spec: ExecutionSpec,
  id: string,
  folder: string,
  admit: Admit = () => {},
): Promise<PreparedInputs> {
  const files = spec.files ?? [];
  if (files.length === 0 && spec.stdin === undefined) return noInputs;
  const remove = () => rm(join(folder, id), { recursive: true, force: true });
  try {
    const field = (index: number) => `files[${index}].path`;
    const looked = await eachOf(files, (file, index) => look(field(index), sourceOf(file)));
    admit(looked.reduce((sum, one) => sum + (isStaged(one) ? 0 : diskUse(sizeOf(one))), 0));
    const taken = await eachOf(looked, (one, index) => take(field(index), one, folder, `${id}/${index}`));
    const prepared = files.map(({ name }, index): PreparedInput => {
      const one = taken[index];
      if (one === undefined) throw new Error(`${name} was not prepared`);
      return "data" in one ? { name, size: one.data.byteLength, data: one.data } : { name, staged: one.staged };
    });
    const { stdin = "" } = spec;
    const source = typeof stdin === "string" || stdin instanceof Uint8Array ? { content: stdin } : { path: stdin.path };
    const input = await take("stdin", await look("stdin", source), folder, `${id}/stdin`);
    const inlineBytes = prepared.reduce((sum, file) => sum + ("data" in file ? diskUse(file.size) : 0), 0);
    return {
      files: prepared,
      stdin: "data" in input ? { size: input.data.byteLength, ...input } : input,
      inlineBytes,
      remove,
    };
  } catch (error) {
    await remove();
    throw error instanceof ProblemError ? error : unstaged(error);
  }
}
