import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Isolation } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { readByTests, whileProving } from "../support/attack-proof.ts";
import { coverage } from "./languages/coverage.ts";
import { themes } from "./languages/index.ts";
import { proofs } from "./languages/theme.ts";
import { type RequirementId, requirements } from "./requirements.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const known = Object.keys(requirements);
const concerns = [...new Set(known.map((id) => id.split(".")[0]))];

/** Every text in the tests of this folder that has the form of a requirement's id. */
function citations(): string[] {
  const pattern = new RegExp(`"((?:${concerns.join("|")})\\.[a-z0-9-]+)"`, "g");
  const tests = readdirSync(folder).filter((name) => name.endsWith(".test.ts") && name !== "manifest.test.ts");
  return tests.flatMap((name) =>
    [...readFileSync(folder + name, "utf8").matchAll(pattern)].map((match) => match[1] ?? ""),
  );
}

/** Requirement and language of every attack in another language than Python, once each. */
const attacked = new Set(
  themes.flatMap(proofs).flatMap(({ id, languages }) => languages.map((name) => `${id} ${name}`)),
);

describe("the manifest of requirements", () => {
  it("has no requirement that no test cites", () => {
    const cited = new Set([...citations(), ...themes.flatMap(proofs).map(({ id }) => id)]);
    expect(known.filter((id) => !cited.has(id))).toEqual([]);
  });

  it("has every requirement that a test cites", () => {
    expect(citations().filter((id) => !known.includes(id))).toEqual([]);
  });

  it("has an attack in every language that it names for a requirement, and names every language that has one", () => {
    const named = Object.entries(coverage).flatMap(([id, languages]) => languages.map((name) => `${id} ${name}`));
    expect([...attacked].sort()).toEqual(named.sort());
  });

  it("says of each requirement what holds and what is at stake", () => {
    expect(known.length).toBeGreaterThanOrEqual(50);
    for (const { promise, threat } of Object.values(requirements)) {
      expect(promise.length).toBeGreaterThan(15);
      expect(threat.length).toBeGreaterThan(10);
    }
    expect(new Set(Object.values(requirements).map(({ promise }) => promise)).size).toBe(known.length);
  });

  it("lets a test read of the isolation only what its requirement depends on", async () => {
    const isolation: Isolation = { backend: "namespaces", cgroups: "v1", uids: "separate", waived: [] };
    const read = (id: RequirementId, name: "uids" | "cgroups") =>
      whileProving(id, async () => expect(readByTests(isolation)[name]).toBe(isolation[name]));
    await read("processes.fork-bomb", "uids");
    await read("processes.fork-bomb", "cgroups");
    await expect(read("disk.bytes", "uids")).rejects.toThrow(/disk\.bytes .* has to name "identity"/);
    await expect(read("privileges.none", "cgroups")).rejects.toThrow(/privileges\.none .* has to name "cgroups"/);
  });
});
