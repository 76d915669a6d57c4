/** Promises about the files of the repository as a whole. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { filesBelow, root } from "./checkout.ts";

const manifestSchema = z.object({
  version: z.string(),
  license: z.string(),
  engines: z.object({ node: z.string() }),
  dependencies: z.record(z.string(), z.string()).default({}),
});

const manifests = ["package.json", ...filesBelow("packages").filter((path) => path.endsWith("/package.json"))].map(
  (path) => ({ path, manifest: manifestSchema.parse(JSON.parse(readFileSync(join(root, path), "utf8"))) }),
);
const [workspace] = manifests;

test("every package has the same version, the same Node and the Apache-2.0 license", () => {
  expect(manifests.length).toBeGreaterThan(4);
  for (const { path, manifest } of manifests) {
    expect({ path, version: manifest.version, license: manifest.license, node: manifest.engines.node }).toEqual({
      path,
      version: workspace?.manifest.version,
      license: "Apache-2.0",
      node: ">=20.19",
    });
  }
});

test("packages of the workspace depend on each other at exactly their version", () => {
  const others = manifests.flatMap(({ path, manifest }) =>
    Object.entries(manifest.dependencies)
      .filter(([name, range]) => name.startsWith("@glovebox/") && range !== workspace?.manifest.version)
      .map(([name, range]) => `${path}: ${name} ${range}`),
  );
  expect(others).toEqual([]);
});

test("no file names the host of a package registry", () => {
  // In pieces, so that this file does not name them either.
  const hosts = [
    ["registry", "npmjs", "org"],
    ["registry", "yarnpkg", "com"],
    ["npmmirror", "com"],
    ["pypi", "org"],
    ["files", "pythonhosted", "org"],
    ["deb", "debian", "org"],
    ["archive", "ubuntu", "com"],
    ["docker", "io"],
    ["crates", "io"],
    ["proxy", "golang", "org"],
    ["repo", "maven", "apache", "org"],
    ["cran", "r-project", "org"],
  ].map((parts) => parts.join("."));
  const named = filesBelow(".").flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return hosts
      .filter((host) => text.includes(`/${host}`) || text.includes(`"${host}`))
      .map((host) => `${path}: ${host}`);
  });
  expect(named).toEqual([]);
});

test("the lock names no address that packages come from", () => {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  expect(lock.match(/"resolved": "(?!packages\/)[^"]*"/g)).toEqual(null);
});

test("links between documents lead to files that exist", () => {
  const documents = filesBelow(".").filter((path) => path.endsWith(".md"));
  const broken = documents.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] ?? "")
      .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(path), link)))
      .map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});
