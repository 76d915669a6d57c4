import { ProblemError } from "@glovebox/protocol";

/** A mistake on the command line: which option, and what to change. */
export function mistake(option: string, message: string, cause?: unknown): ProblemError {
  return ProblemError.ofFields("invalid-request", [{ field: option, message }], cause);
}

export function unreadable(option: string, path: string, cause: unknown): ProblemError {
  const message = `cannot read ${JSON.stringify(path)}: ${reason(cause)}`;
  return ProblemError.ofFields("unreadable-file", [{ field: option, message }], cause);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  ELOOP: "it is a symbolic link, or a loop of them",
  ENXIO: "it is no regular file",
  EEXIST: "there is something else of that name",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left",
};

/** The cause of a failed system call in words. */
export function reason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return reasons[code] ?? (cause instanceof Error ? cause.message : String(cause));
}
