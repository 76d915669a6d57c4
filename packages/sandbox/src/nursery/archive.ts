/**
 * The modules of the nursery, the warden and Python's runner as one archive, compiled, which bubblewrap copies into the
 * nursery's own memory: nothing of it is made or removed on the host with each instance, and no user id has to be able
 * to read the checkout. The build makes it. Where it is missing or older than a source, each instance makes its own.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import { builtArchive, runnersFolder } from "../runners-folder.ts";

/** As `FOLDERS` in runners/nursery/archive.py. */
const folders = ["nursery", "warden", "python"];

/** Folders count too: they change when a file goes. */
function isNewerThanSources(archive: string, runners: string): boolean {
  const made = statSync(archive, { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined) return false;
  return folders.every((name) => {
    const folder = join(runners, name);
    const sources = readdirSync(folder).filter((file) => file.endsWith(".py"));
    return [folder, ...sources.map((file) => join(folder, file))].every((path) => statSync(path).mtimeMs < made);
  });
}

function make(runners: string, target: string, place: string): void {
  try {
    execFileSync("/usr/bin/python3", ["-I", "-S", join(runners, "nursery/archive.py"), runners, target, place], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  } catch (cause) {
    const reason = String((cause as { stderr?: unknown }).stderr ?? cause).trim();
    throw new ProblemError("sandbox-unavailable", `the runners cannot be compiled: ${reason}`, { cause });
  }
}

/** The one that the build made, if it can be used. */
export function builtNurseryArchive(built = builtArchive, runners = runnersFolder): string | undefined {
  return isNewerThanSources(built, runners) ? built : undefined;
}

/** The archive to use: the built one, or `own`, which is made if need be. `place`: where the nursery will see it. */
export function nurseryArchive(own: string, place: string, built = builtArchive, runners = runnersFolder): string {
  const ready = builtNurseryArchive(built, runners);
  if (ready !== undefined) return ready;
  if (!isNewerThanSources(own, runners)) make(runners, own, place);
  return own;
}
