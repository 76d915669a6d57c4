/** Every test with real sandboxes says what it depends on, so that a repetition of the suite leaves out no promise. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dependenciesOfFile } from "../packages/sandbox/test/support/dependency.ts";
import { longFiles, loudFiles } from "../scripts/test/lanes.ts";
import { filesBelow, root } from "./checkout.ts";

const files = filesBelow("packages/sandbox/test").filter((path) =>
  /^packages\/sandbox\/test\/[^/]+\.test\.ts$/.test(path),
);

/** What shows that a test looks at how its sandboxes are kept apart, or at how their limits are kept. */
const signs = { identity: /\buids\b|getuid|planIdentities/, cgroups: /\bcgroups?\b|cgroupFolders|openCgroups/i };

/** What a text depends on by its signs and does not name. */
function unnamed(text: string, named: readonly string[]): string[] {
  const missing = Object.entries(signs).filter(([name, sign]) => sign.test(text) && !named.includes(name));
  if (/\bisolation\b/.test(text) && named.length === 0) return ["identity or cgroups"];
  return missing.map(([name]) => name);
}

test("each file of the sandbox's tests says on its first line what it depends on", () => {
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((path) => dependenciesOfFile(join(root, path)) === undefined)).toEqual([]);
});

test("no such file looks at isolation, identities or cgroups without naming what it depends on", () => {
  const found = files.flatMap((path) => {
    const [, ...lines] = readFileSync(join(root, path), "utf8").split("\n");
    const names = unnamed(lines.join("\n"), dependenciesOfFile(join(root, path)) ?? []);
    return names.map((name) => `${path}: ${name}`);
  });
  expect(found).toEqual([]);
});

test("control: a text that looks at either has to name it", () => {
  expect(unnamed("sandboxes().isolation.uids", ["cgroups"])).toEqual(["identity"]);
  expect(unnamed('using({ cgroups: "none" })', ["identity"])).toEqual(["cgroups"]);
  expect(unnamed("toEqual(sandboxes().isolation)", [])).toEqual(["identity or cgroups"]);
});

test("each file that is named for a lane exists, and is named once", () => {
  const named = [...loudFiles, ...longFiles];
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});
