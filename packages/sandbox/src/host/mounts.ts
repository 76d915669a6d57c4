import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** One line of /proc/self/mountinfo, as far as it is needed. */
export interface Mount {
  readonly root: string;
  readonly point: string;
  /** What holds for this place alone, for instance `noexec`. */
  readonly flags: readonly string[];
  readonly type: string;
  /** What holds for the file system, for instance the controllers of a tree of cgroups. */
  readonly options: readonly string[];
}

/** The mounts that this process sees, in their order. */
export function readMounts(text = readFileSync("/proc/self/mountinfo", "utf8")): Mount[] {
  return text
    .split("\n")
    .filter((line) => line.includes(" - "))
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const [, , , root = "/", point = "/", flags = ""] = before.split(" ");
      const [type = "", , options = ""] = after.split(" ");
      return { root, point: unescaped(point), flags: flags.split(","), type, options: options.split(",") };
    });
}

/** Blanks, tabs, line ends and backslashes of a path are octal there. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** True when no file of the folder may be executed. One that does not exist is judged by the folder it would be in. */
export function forbidsExecution(folder: string, mounts = readMounts()): boolean {
  let place = resolve(folder);
  while (!existsSync(place)) place = dirname(place);
  const path = `${realpathSync(place)}/`;
  const covers = ({ point }: Mount) => path.startsWith(point === "/" ? point : `${point}/`);
  // Of several mounts on one point the last is what is seen.
  const seen = mounts.filter(covers).reduce<Mount | undefined>((best, mount) => {
    return best === undefined || mount.point.length >= best.point.length ? mount : best;
  }, undefined);
  return seen?.flags.includes("noexec") === true;
}
