import { constants, type Stats } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { ProblemError } from "@glovebox/protocol";

/** What the host lacks, rather than the caller for reading a file. */
const ofHost = new Set(["ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE"]);

/** Whether an error is the host's own lack. */
function isOfHost(error: unknown): boolean {
  return ofHost.has((error as NodeJS.ErrnoException).code ?? "");
}

function unreadable(field: string, path: string, cause: unknown): ProblemError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new ProblemError("unreadable-file", `${field}: ${path} cannot be read (${reason})`, {
    errors: [{ field, message: `${path} cannot be read: check its path and permissions` }],
    cause,
  });
}

/** The host cannot take the files, whoever asked for it. */
export function noRoom(cause: unknown): ProblemError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const message = `the input files cannot be staged on this host (${reason}): its folder for them is full or cannot be written`;
  return new ProblemError("sandbox-unavailable", message, { cause });
}

/** What the work with a file of the caller's comes to. Its failure is a problem of `field`, or of the host. */
export async function ofCaller<T>(field: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOfHost(error) ? noRoom(error) : unreadable(field, path, error);
  }
}

/** Looks at a file that is to be read: a regular file that this process may read. Rejects with `unreadable-file`. */
export function lookAt(field: string, path: string): Promise<Stats> {
  return ofCaller(field, path, async () => {
    const status = await stat(path);
    if (!status.isFile()) throw Object.assign(new Error("not a regular file"), { code: "not a regular file" });
    await access(path, constants.R_OK);
    return status;
  });
}

/** Reads a file of the caller's. Rejects with `unreadable-file`. */
export function readWhole(field: string, path: string): Promise<Buffer> {
  return ofCaller(field, path, () => readFile(path));
}
