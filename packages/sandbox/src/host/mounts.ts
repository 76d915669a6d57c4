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

/** A mount that cannot be reached, because another one lies over its place. */
export interface CoveredMount extends Mount {
  readonly cover: Mount;
}

interface Line {
  readonly id: string;
  readonly parent: string;
  readonly place: number;
  readonly mount: Mount;
}

const ownMounts = () => readFileSync("/proc/self/mountinfo", "utf8");

function parse(text: string): Line[] {
  return text
    .split("\n")
    .filter((line) => line.includes(" - "))
    .map((line, place) => {
      const [before = "", after = ""] = line.split(" - ");
      const [id = "", parent = "", , root = "/", point = "/", flags = ""] = before.split(" ");
      const [type = "", , options = ""] = after.split(" ");
      const mount = { root, point: unescaped(point), flags: flags.split(","), type, options: options.split(",") };
      return { id, parent, place, mount };
    });
}

const isAtOrBelow = (path: string, folder: string) => `${path}/`.startsWith(folder === "/" ? folder : `${folder}/`);

/** Every mount with the one that lies over it: on the same point, or later and on a folder above it. */
function withCovers(text: string): { mount: Mount; cover: Mount | undefined }[] {
  const lines = parse(text);
  const byId = new Map(lines.map((line) => [line.id, line]));
  const byParent = new Map<string, Line[]>();
  for (const line of lines) {
    const siblings = byParent.get(line.parent);
    if (siblings === undefined) byParent.set(line.parent, [line]);
    else siblings.push(line);
  }
  function coverOf({ id, parent, place, mount }: Line): Mount | undefined {
    const onIt = byParent.get(id)?.find((other) => other.id !== id && other.mount.point === mount.point);
    const beside = byParent
      .get(parent)
      ?.find((other) => other.place > place && isAtOrBelow(mount.point, other.mount.point));
    if (onIt !== undefined || beside !== undefined) return (onIt ?? beside)?.mount;
    const below = byId.get(parent);
    // What stands on a covered mount is covered with it; the cover itself stands there too, on the same point.
    if (below === undefined || parent === id || below.mount.point === mount.point) return undefined;
    return coverOf(below);
  }
  return lines.map((line) => ({ mount: line.mount, cover: coverOf(line) }));
}

/** The mounts of this process's view, in their order, with those that another one lies over. */
export function readMounts(text = ownMounts()): Mount[] {
  return parse(text).map(({ mount }) => mount);
}

/** The mounts that this process can reach. */
export function seenMounts(text = ownMounts()): Mount[] {
  return withCovers(text).flatMap(({ mount, cover }) => (cover === undefined ? [mount] : []));
}

/** The mounts that this process would see if no other one lay over them. */
export function coveredMounts(text = ownMounts()): CoveredMount[] {
  return withCovers(text).flatMap(({ mount, cover }) => (cover === undefined ? [] : [{ ...mount, cover }]));
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
