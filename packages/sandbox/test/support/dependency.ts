import { readFileSync } from "node:fs";

/*
 * Most promises are kept in the same way whoever runs the sandboxes. Others rest on what a user of the host may not
 * have: on `identity` what uids, capabilities, signals, folders of several users or cgroups given to a user keep; on
 * `cgroups` what is kept in another way where there are none, limits and counts of memory, processes and CPU time. Each
 * requirement and each file of tests says on which it depends.
 *
 * Root runs everything. A run that repeats the suite in another mode names in GLOVEBOX_TEST_DEPENDS_ON what differs
 * there, and declares what depends on that, with a few others to show that sandboxes work at all.
 */

const dependencies = ["identity", "cgroups"] as const;
export type Dependency = (typeof dependencies)[number];

const isDependency = (name: string): name is Dependency => dependencies.some((one) => one === name);

function dependenciesIn(text: string, place: string): Dependency[] {
  const names = text.split(",").map((name) => name.trim());
  if (!names.every(isDependency)) throw new Error(`${place}: '${text}' names something else than identity and cgroups`);
  return names;
}

const asked = process.env["GLOVEBOX_TEST_DEPENDS_ON"] ?? "";

/** What this run repeats; undefined in a run of everything. */
export const repeated = asked === "" ? undefined : dependenciesIn(asked, "GLOVEBOX_TEST_DEPENDS_ON");

/** Whether this run declares what depends on `dependsOn`. */
export function isRepeated(dependsOn: readonly Dependency[]): boolean {
  return repeated === undefined || dependsOn.some((one) => repeated.includes(one));
}

const firstLine = /^\/\/ Depends on: (.+)\.\n/;

/** What the first line of a file of tests says: `// Depends on: identity, cgroups.` or `nothing`. Undefined without. */
export function dependenciesOfFile(path: string): Dependency[] | undefined {
  const said = firstLine.exec(readFileSync(path, "utf8"))?.[1];
  if (said === undefined) return undefined;
  return said === "nothing" ? [] : dependenciesIn(said, path);
}
