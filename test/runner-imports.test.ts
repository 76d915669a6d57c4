/** What runs inside the sandbox imports the standard library, and its own folders along one direction. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { root } from "./checkout.ts";

const runners = join(root, "runners");

/** Each language imports nothing but itself and the languages whose folders it shares, by its manifest. */
function rulesOfLanguages(): Record<string, readonly string[]> {
  const sharing = z.object({ shares: z.array(z.string()).default([]) });
  const rules = readdirSync(runners)
    .map((name) => ({ name, manifest: join(runners, name, "runtime.json") }))
    .filter(({ manifest }) => existsSync(manifest))
    .map(({ name, manifest }) => [name, sharing.parse(JSON.parse(readFileSync(manifest, "utf8"))).shares] as const);
  return Object.fromEntries(rules);
}

/** The folders that a folder may import besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  nursery: ["warden", "python"],
  warden: [],
  testing: [],
  ...rulesOfLanguages(),
};

/** What the tests of the languages share; it never reaches a sandbox, and nothing that does may need it. */
const sharedByTests = "testing";

/** Not of the standard library, but of the program: only inside a function, where the program has it already. */
const ofTheProgram = ["glovebox", "numpy", "pandas", "matplotlib"];

/** Loaded by matplotlib itself, and by nothing else. */
const loadedByMatplotlib = "python/matplotlib_backend.py";

const scan = `
import ast, json, pathlib, sys

found = []

def visit(node, file, lazy):
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 1:
        # Inside the folder: "from . import name" or "from .name import thing".
        names = [node.module] if node.module else [alias.name for alias in node.names]
        modules = [file.split("/")[0] + "." + name for name in names]
    elif isinstance(node, ast.ImportFrom):
        modules = ["." * node.level + (node.module or "")]
    else:
        modules = []
    for module in modules:
        found.append({"file": file, "module": module, "lazy": lazy})
    lazy = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    for child in ast.iter_child_nodes(node):
        visit(child, file, lazy)

root = pathlib.Path(sys.argv[1])
for path in sorted(root.rglob("*.py")):
    visit(ast.parse(path.read_text("utf-8")), str(path.relative_to(root)), False)
print(json.dumps({"imports": found, "standard": sorted(sys.stdlib_module_names)}))
`;

const scanSchema = z.strictObject({
  imports: z.array(z.strictObject({ file: z.string(), module: z.string(), lazy: z.boolean() })),
  standard: z.array(z.string()),
});

const python = spawnSync("/usr/bin/python3", ["-I", "-c", scan, runners], { encoding: "utf8" });
const { imports, standard } = scanSchema.parse(JSON.parse(python.stdout));

function isAllowed({ file, module, lazy }: (typeof imports)[number]): boolean {
  const folder = file.split("/")[0] ?? "";
  const top = module.split(".")[0] ?? "";
  if (top === sharedByTests && /\/test\//.test(file)) return true;
  if (standard.includes(top) || top === folder || mayImport[folder]?.includes(top)) return true;
  return folder === "python" && ofTheProgram.includes(top) && (lazy || file === loadedByMatplotlib);
}

test("the runners import only the standard library and each other, in one direction", () => {
  expect(imports.length).toBeGreaterThan(10);
  const strangers = imports.filter((found) => !isAllowed(found));
  expect(strangers.map(({ file, module }) => `${file} imports ${module}`)).toEqual([]);
});

test("only tests import what tests share, which imports the standard library alone", () => {
  const ofTests = (name: string) => name.split(/[./]/)[0] === sharedByTests;
  const users = imports.filter(({ module }) => ofTests(module)).map(({ file }) => file);
  expect(users.length).toBeGreaterThan(10);
  expect(users.filter((file) => !ofTests(file) && !/\/test\//.test(file))).toEqual([]);
  const used = imports.filter(({ file, module }) => ofTests(file) && !ofTests(module)).map(({ module }) => module);
  expect(used.filter((module) => !standard.includes(module.split(".")[0] ?? ""))).toEqual([]);
});

test("every folder of the runners has a rule", () => {
  const folders = new Set(imports.map(({ file }) => file.split("/")[0] ?? ""));
  expect([...folders].filter((folder) => !(folder in mayImport))).toEqual([]);
});

test("no runner imports the module that matplotlib loads", () => {
  const module = loadedByMatplotlib.replace(".py", "").replace("/", ".");
  expect(imports.filter((found) => found.module === module)).toEqual([]);
});
