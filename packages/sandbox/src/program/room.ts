import { ProblemError, type Source } from "@glovebox/protocol";

/** What the sandbox's file system counts in. */
const pageBytes = 4_096;
/** From this size on a file is mounted rather than written into the sandbox's memory. */
export const stagedFromBytes = 1024 * 1024;
/** What a sandbox's file system holds besides the input files: the workspace itself, the job folder and what is in it. */
const ownInodes = 16;

/** What a file of a size uses of the sandbox's disk. */
export function diskUse(size: number): number {
  return Math.ceil(size / pageBytes) * pageBytes;
}

/** Bytes of a source; of text, in UTF-8. */
function sizeOf(source: Source): number {
  if ("path" in source) return source.size;
  return typeof source.content === "string" ? Buffer.byteLength(source.content) : source.content.byteLength;
}

/** What the files that are not staged use of the sandbox's disk. */
export function inlineBytes(files: readonly Source[]): number {
  return files.reduce((sum, file) => {
    const size = sizeOf(file);
    return size >= stagedFromBytes ? sum : sum + diskUse(size);
  }, 0);
}

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

/** Throws `invalid-request` when the disk limit does not hold the input files: the bytes `needed`, or their number. */
export function refuseWithoutRoom(names: readonly string[], diskBytes: number, needed: number): void {
  const most = inodesFor(diskBytes) - ownInodes;
  const count = names.length + countFolders(names, most);
  if (needed <= diskBytes && count <= most) return;
  const message =
    needed > diskBytes
      ? `${diskBytes} bytes do not hold the input files, which need ${needed}`
      : `${diskBytes} bytes hold ${most} files and folders, and the input files and their folders are more`;
  throw ProblemError.ofFields("invalid-request", [{ field: "limits.diskBytes", message }]);
}
