import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** First user id, inside the sandbox, that programs run as. */
const firstProgramId = 1_000;
/** Programs of one instance that can be apart by user id at the same time. */
const programIdCount = 512;
const idsNeeded = firstProgramId + programIdCount;

/** Host uids above those that distributions and systemd hand out (systemd.io/UIDS-GIDS). */
const unusedUids = { first: 1_900_000_000, slots: 65_536, size: 2_048 };

/**
 * Which host uids the user namespace of a nursery maps. `root`: an unused range; `subordinate`: the range
 * that /etc/subuid gives the user; `single`: the user's own uid alone, shared by all sandboxes.
 */
export type IdentityPlan =
  | {
      readonly mode: "single";
      readonly base: number;
      readonly gidBase: number;
      readonly count: 1;
      readonly programIds: readonly number[];
    }
  | {
      readonly mode: "root" | "subordinate";
      readonly base: number;
      readonly gidBase: number;
      readonly count: number;
      readonly programIds: readonly number[];
    };

const programIds = Object.freeze(Array.from({ length: programIdCount }, (_, index) => firstProgramId + index));

/** The name of this process's user, or null for an id without an entry in passwd (usual in containers). */
export function accountName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** The first range of `file` (/etc/subuid, /etc/subgid) for the user that is large enough, or null. */
function subordinateRange(file: string, name: string, id: number): number | null {
  let lines: string[];
  try {
    lines = readFileSync(file, "utf8").split("\n");
  } catch {
    return null;
  }
  for (const line of lines) {
    const [owner, base, count] = line.split(":");
    const windows = Math.floor(Number(count) / idsNeeded);
    // Instances of one user take different parts of the range, as far as it reaches.
    if ((owner === name || owner === String(id)) && windows >= 1)
      return Number(base) + (process.pid % windows) * idsNeeded;
  }
  return null;
}

/** Finds what this process may map. */
export function planIdentities(): IdentityPlan {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid === 0) {
    const base = unusedUids.first + (process.pid % unusedUids.slots) * unusedUids.size;
    return { mode: "root", base, gidBase: base, count: idsNeeded, programIds };
  }
  const name = accountName();
  // Without a name newuidmap maps nothing, even where /etc/subuid names the id.
  const base = name === null ? null : subordinateRange("/etc/subuid", name, uid);
  const gidBase = name === null ? null : subordinateRange("/etc/subgid", name, uid);
  if (base !== null && gidBase !== null && existsSync("/usr/bin/newuidmap") && existsSync("/usr/bin/newgidmap")) {
    return { mode: "subordinate", base, gidBase, count: idsNeeded, programIds };
  }
  return { mode: "single", base: uid, gidBase: gid, count: 1, programIds: [0] };
}
