import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { runnersFolder } from "../runners-folder.ts";
import { builtNurseryArchive, nurseryArchive } from "./archive.ts";
import { inside } from "./outer-wall.ts";

/**
 * Starts the processes that become nurseries (runners/nursery/launch.py). One can be started ahead: until it is given
 * its plan it does nothing but load Python, which takes as long as the folder and the cgroups of an instance.
 */
export class Launchers {
  #ahead: ChildProcess | undefined;

  /** Starts one for the nursery that comes first, if its archive is there already. */
  startAhead(): void {
    const archive = builtNurseryArchive();
    if (archive === undefined) return;
    this.#ahead = launch(archive);
    this.#ahead.on("error", () => {}); // whoever takes it sees that it has no process
  }

  /** A process that waits for its plan. `folder` is where an archive is made if need be. */
  take(folder: string): ChildProcess {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.pid !== undefined && ahead.exitCode === null && ahead.signalCode === null) return ahead;
    return launch(nurseryArchive(join(folder, "runners.zip"), inside.runners));
  }

  /** Ends the one that nobody took: it does so when its standard input ends. */
  async close(): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.pid === undefined || ahead.exitCode !== null || ahead.signalCode !== null) return;
    const ended = once(ahead, "exit");
    ahead.stdin?.on("error", () => {});
    ahead.stdin?.end();
    await ended;
  }
}

function launch(archive: string): ChildProcess {
  const descriptor = openSync(archive, "r");
  try {
    return spawn("/usr/bin/python3", ["-I", "-S", join(runnersFolder, "nursery/launch.py")], {
      cwd: "/",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
      stdio: ["pipe", "pipe", "pipe", descriptor],
      // A session of its own: Ctrl-C on a terminal and `kill -- -GROUP` mean the host process, which ends its programs.
      detached: true,
    });
  } finally {
    closeSync(descriptor);
  }
}
