/**
 * Derives the import rules of the packages from their imports. Every source file belongs to exactly one layer; a
 * layer may import itself and what it names. A new folder fails here until someone says what it may see.
 */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, root } from "./checkout.ts";

interface Layer {
  readonly name: string;
  readonly files: RegExp;
  /** Other layers, npm packages, or `node` for everything of Node. */
  readonly may: readonly string[];
}

const sandboxStages = [
  "languages",
  "host",
  "frames",
  "nursery",
  "pool",
  "program",
  "ground",
  "lease",
  "compile",
  "run",
  "library",
  "doctor",
].map((name) => `sandbox/${name}`);

/** A folder of the sandbox's sources for each stage. */
function stages(all: readonly { readonly stage: string; readonly may: readonly string[] }[]): Layer[] {
  return all.map(({ stage, may }) => ({
    name: `sandbox/${stage}`,
    files: new RegExp(`^packages/sandbox/src/${stage}/`),
    may: ["node", "@glovebox/protocol", "sandbox/leaf", ...may.map((name) => `sandbox/${name}`)],
  }));
}

const layers: readonly Layer[] = [
  { name: "protocol", files: /^packages\/protocol\/src\//, may: ["zod"] },
  ...stages([
    // What a stage may see of those before it; each sees `leaf`.
    { stage: "languages", may: [] },
    { stage: "host", may: [] },
    { stage: "frames", may: [] },
    { stage: "nursery", may: ["languages", "host", "frames"] },
    { stage: "pool", may: ["languages"] },
    { stage: "program", may: ["languages"] },
    { stage: "ground", may: ["languages", "host", "nursery", "pool", "program"] },
    { stage: "lease", may: ["languages", "frames", "pool", "program"] },
    { stage: "compile", may: ["languages", "pool", "program", "lease"] },
    { stage: "run", may: ["languages", "pool", "program", "lease", "compile"] },
    { stage: "library", may: ["languages", "lease", "run"] },
    { stage: "doctor", may: ["languages", "host"] },
  ]),
  {
    name: "sandbox/leaf",
    files: /^packages\/sandbox\/src\/(api|known-options|releases|runners-folder)(\.test)?\.ts$/,
    may: ["node", "@glovebox/protocol"],
  },
  {
    name: "sandbox/main",
    files: /^packages\/sandbox\/src\/(index|sandboxes|interim-leases|warm-languages)\.ts$/,
    may: ["node", "@glovebox/protocol", ...sandboxStages, "sandbox/leaf"],
  },
  {
    name: "sandbox/test",
    files: /^packages\/sandbox\/test\//,
    may: ["node", "@glovebox/protocol", ...sandboxStages, "sandbox/leaf", "sandbox/main"],
  },
  { name: "server/leaf", files: /^packages\/server\/src\/(defined|version)\.ts$/, may: ["node", "zod"] },
  {
    name: "server/config",
    files: /^packages\/server\/src\/config\//,
    may: ["node", "zod", "@glovebox/protocol", "server/leaf"],
  },
  {
    // The engine owns its ports: it does not see what satisfies them, not even the types.
    name: "server/engine",
    files: /^packages\/server\/src\/engine\//,
    may: ["node", "@glovebox/protocol", "server/leaf"],
  },
  {
    name: "server/http",
    files: /^packages\/server\/src\/http\//,
    may: ["node", "zod", "fastify", "@glovebox/protocol", "server/engine", "server/leaf"],
  },
  {
    name: "server/store",
    files: /^packages\/server\/src\/store\//,
    may: ["node", "@glovebox/protocol", "server/engine", "server/leaf"],
  },
  {
    name: "server/testing",
    files: /^packages\/server\/src\/testing\//,
    may: [
      "node",
      "zod",
      "fastify",
      "@glovebox/protocol",
      "server/engine",
      "server/http",
      "server/store",
      "server/config",
      "server/leaf",
    ],
  },
  {
    name: "server/main",
    files: /^packages\/server\/src\/(main|index)(\.test)?\.ts$/,
    may: [
      "node",
      "fastify",
      "@glovebox/protocol",
      "@glovebox/sandbox",
      "server/http",
      "server/engine",
      "server/store",
      "server/config",
      "server/leaf",
    ],
  },
  {
    // Whether programs run here or on a server is for a target to know.
    name: "cli",
    files: /^packages\/cli\/(src\/(?!(target\/local-|commands\/(doctor|setup-languages)))|test\/)/,
    may: [
      "node",
      "zod",
      "commander",
      "eventsource-parser",
      "ignore",
      "@glovebox/protocol",
      "@glovebox/server",
      "cli/here",
    ],
  },
  {
    name: "cli/here",
    files: /^packages\/cli\/src\/(target\/local-|commands\/(doctor|setup-languages))/,
    may: ["node", "@glovebox/protocol", "@glovebox/sandbox", "@glovebox/server", "cli"],
  },
];

/** What a test beside the code may import besides. */
const forTests = ["vitest", "fast-check", "node", "server/testing", "server/store", "sandbox/test"];

function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const forms = [
    /\b(?:import|export)\b[^;"'`()]*?\bfrom\s*["']([^"']+)["']/g,
    /(?<![-"'])\bimport\s*["']([^"'\n]+)["']/g,
    /\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ""));
}

function layersOf(file: string): string[] {
  return layers.filter((layer) => layer.files.test(file)).map((layer) => layer.name);
}

/** The layer or the package that an import leads to. */
function target(file: string, specifier: string): string {
  if (specifier.startsWith("node:")) return "node";
  if (specifier.startsWith(".")) {
    const path = posix.join(posix.dirname(file), specifier);
    return layersOf(path)[0] ?? path;
  }
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

const files = filesBelow("packages").filter((path) => /^packages\/[^/]+\/(src|test)\/.*\.tsx?$/.test(path));

test("every import form is seen", () => {
  const source = `
    import a from "one";
    import type { B,
      C } from "two";
    export * from './three.ts';
    import "four";
    const d = await import("five");
    const e = require("six");
    // import f from "seven";
    /* import g from "eight"; */
    spawn("node", ["--import", "nine"]);
  `;
  expect(importsOf(source)).toEqual(["one", "two", "./three.ts", "four", "five", "six"]);
});

test("every source file belongs to one layer", () => {
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => layersOf(file).length !== 1)).toEqual([]);
});

for (const layer of layers) {
  const may = [layer.name, ...layer.may];
  test(`${layer.name} imports only ${layer.may.join(", ")}`, () => {
    const own = files.filter((file) => layer.files.test(file));
    expect(own).not.toEqual([]);
    const strangers = own.flatMap((file) => {
      const isTest = /\.test\.ts$|\/test\/|-suite\.ts$/.test(file);
      const allowed = isTest ? [...may, ...forTests] : may;
      return importsOf(readFileSync(join(root, file), "utf8"))
        .filter((specifier) => !allowed.includes(target(file, specifier)))
        .map((specifier) => `${file} imports ${specifier}`);
    });
    expect(strangers).toEqual([]);
  });
}
