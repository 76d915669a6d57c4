import { readdirSync, readFileSync } from "node:fs";
import { isRepeated, repeated } from "../support/dependency.ts";
import { type RequirementId, requirements } from "./requirements.ts";

/** Requirements of which every run shows that they hold: there are walls at all, whoever builds them. */
const smoke: readonly RequirementId[] = [
  "files.host-folders",
  "kernel.unknown-calls",
  "kernel.socket-families",
  "network.outside",
  "privileges.none",
];

/** Whether this run has a requirement's attacks made. */
export function isDeclared(id: RequirementId): boolean {
  return isRepeated(requirements[id].dependsOn) || smoke.includes(id);
}

/** Controls show that an attack works where no wall is. Once is enough, because no mode changes that. */
export const controlsRun = repeated === undefined;

/** The names of the files in this folder in which this run declares no test. */
export function filesWithoutTests(): string[] {
  const ids = (Object.keys(requirements) as RequirementId[]).filter(isDeclared);
  return readdirSync(import.meta.dirname).filter((name) => {
    if (repeated === undefined || !name.endsWith(".test.ts")) return false;
    const text = readFileSync(`${import.meta.dirname}/${name}`, "utf8");
    return !ids.some((id) => text.includes(`"${id}"`));
  });
}
