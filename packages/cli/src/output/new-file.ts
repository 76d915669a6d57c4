import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Makes a file below a folder, with the folders that its path names, and gives it to `write`; when that fails, the file
 * is gone. No link is followed and only a regular file is replaced, so that nothing outside of the folder is reached. It
 * is replaced by another one rather than written over, because it may have more names. `path` has passed the rules for
 * names of files.
 */
export async function makeNewFile(
  folder: string,
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  await makeFoldersBelow(folder, dirname(path));
  const target = join(folder, path);
  const found = await lstat(target).catch(() => undefined);
  if (found?.isFile() === true) await rm(target);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    await write(file);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function makeFoldersBelow(folder: string, path: string): Promise<void> {
  if (path === ".") return;
  let place = folder;
  for (const part of path.split("/")) {
    place = join(place, part);
    try {
      await mkdir(place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !(await lstat(place)).isDirectory()) throw error;
    }
  }
}
