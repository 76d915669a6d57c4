/**
 * What README.md and docs/ show is run. The rules, for blocks by the language of their fence:
 *
 * - `sh`: each statement exits with 0. One that ends in `echo $?` has the expected status as the first word of its
 *   comment. `glovebox serve` is started on a free port, which takes the place of the port of later lines. A problem in
 *   the `json` block after it is what its last statement prints.
 * - `ts`, `js`: it has no type error and exits with 0. A comment after `console.log(...)` is what that prints; `...` in it
 *   stands for anything.
 * - `python`: exits with 0 in `glovebox run`.
 * - `json`: it is JSON, and of its schema when it is a record or a problem; a language's manifest, or a part of it, is
 *   that of the language of its name.
 *
 * A block with `no-run` after the language, and one without a language, is not touched.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executionPageSchema, executionSchema, finishedExecutionSchema, problemSchema } from "@glovebox/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./checkout.ts";
import { type Ended, endChildren, endOf, startChild } from "./support/child.ts";
import { glovebox, main } from "./support/glovebox.ts";
import { scratchFolder } from "./support/scratch.ts";
import { startServer, type TestServer } from "./support/server.ts";
import { type Snippet, snippetsOf, statementsOf } from "./support/snippets.ts";
import { missingFeatures, waivers } from "./support/waivers.ts";

endChildren();
const scratch = scratchFolder();

const documents = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const all = documents.flatMap(snippetsOf);
const runnable = (...languages: readonly string[]) =>
  all.filter(({ language, marks }) => languages.includes(language) && !marks.includes("no-run"));

const documentOf = ({ place }: Snippet) => place.replace(/:\d+$/, "");

/** Files that the documents take for granted. */
const files: Readonly<Record<string, string>> = {
  "report.py": "import sys; print(load_file('sales.csv')['amount'].sum(), parameters['year'], sys.argv[1:])",
  "sales.csv": "amount\n19.5\n22.5\n",
  "numbers.txt": "1\n2\n39\n",
};

beforeAll(() => {
  const bin = join(scratch(), "glovebox");
  writeFileSync(bin, `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, { mode: 0o755 });
  symlinkSync(join(root, "examples"), join(scratch(), "examples"));
  mkdirSync(join(scratch(), "node_modules"));
  symlinkSync(join(root, "node_modules/@glovebox"), join(scratch(), "node_modules/@glovebox"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(scratch(), name), content);
});

let shared: TestServer | undefined;
afterAll(() => shared?.stop());

function inScratch(command: readonly string[]): Promise<Ended> {
  const env = { ...waivers(), PATH: `${scratch()}:${process.env.PATH}` };
  return endOf(startChild(command, { cwd: scratch(), stdio: ["ignore", "pipe", "pipe"], env }));
}

test("every block has a language with a rule", () => {
  expect(all.length).toBeGreaterThan(5);
  const known = ["", "sh", "ts", "js", "python", "json"];
  expect(all.filter(({ language }) => !known.includes(language)).map(({ place }) => place)).toEqual([]);
  expect(all.flatMap(({ marks }) => marks).filter((mark) => mark !== "no-run")).toEqual([]);
});

test("statements are told apart", () => {
  const script = "a 'b\nc' \\\n  d\n\ne; f # g\ncat <<X\nh\nX\n";
  expect(statementsOf(script)).toEqual(["a 'b\nc' \\\n  d", "e; f # g", "cat <<X\nh\nX"]);
});

const serve = /^(?:\.\/)?glovebox serve\b([^&]*)&?$/;
const documentedAddress = /http:\/\/127\.0\.0\.1:\d+/;

const isProblem = (value: unknown) => String(Object(value).type).startsWith("urn:");

/** The problem that a document shows right after a block, if it shows one. */
function problemAfter(snippet: Snippet): unknown {
  const next = all[all.indexOf(snippet) + 1];
  if (next?.language !== "json" || documentOf(next) !== documentOf(snippet)) return undefined;
  const value: unknown = JSON.parse(next.text);
  return isProblem(value) ? value : undefined;
}

async function runStatement(statement: string, problem?: unknown): Promise<void> {
  const { status, stdout, stderr } = await inScratch(["bash", "-o", "pipefail", "-c", statement]);
  expect({ statement, status, stderr: status === 0 ? "" : stderr }).toEqual({ statement, status: 0, stderr: "" });
  const lines = stdout.toString().trimEnd().split("\n");
  const expected = /;\s*echo \$\?\s*#\s*(\w+)/.exec(statement)?.[1];
  if (expected !== undefined) expect({ statement, status: lines.at(-1) }).toEqual({ statement, status: expected });
  else expect(statement).not.toContain("$?");
  if (problem !== undefined) expect(JSON.parse(lines[0] ?? "")).toEqual(problem);
  else if (/\/v1\/executions\?/.test(statement)) executionPageSchema.parse(JSON.parse(lines[0] ?? ""));
  else if (/\/events$/.test(statement)) expect(lines[0]).toMatch(/^event: /);
  else if (/\/v1\/executions\/\S+$/.test(statement) && !/DELETE|artifacts/.test(statement)) {
    executionSchema.parse(JSON.parse(lines[0] ?? ""));
  } else if (/\/v1\/executions |--json/.test(statement) && !statement.includes("prefer:")) {
    finishedExecutionSchema.parse(JSON.parse(lines[0] ?? ""));
  }
}

describe("shell", () => {
  test.each(runnable("sh"))("$place runs", async (snippet) => {
    let own: TestServer | undefined;
    const statements = statementsOf(snippet.text);
    for (const statement of statements) {
      const args = serve.exec(statement)?.[1];
      if (args !== undefined) {
        own = await startServer(args.trim().split(/\s+/).filter(Boolean));
        continue;
      }
      const calls = documentedAddress.test(statement);
      if (calls && own === undefined) shared ??= await startServer(["--preload", ""]);
      const problem = statement === statements.at(-1) ? problemAfter(snippet) : undefined;
      await runStatement(statement.replace(documentedAddress, (own ?? shared)?.url ?? ""), problem);
    }
    if (own !== undefined) expect((await own.stop()).status).toBe(0);
  });
});

/** What `console.log` prints, with one kind of quote and one space wherever there is space. */
const plain = (text: string) => text.replaceAll("'", '"').replace(/\s+/g, " ").trim();

function expectPrinted(snippet: string, stdout: string): void {
  const comments = [...snippet.matchAll(/^\s*console\.log\(.*\);[ \t]*\/\/ (.*)$/gm)].map((match) =>
    plain(match[1] ?? ""),
  );
  let rest = plain(stdout);
  for (const comment of comments) {
    const pattern = comment
      .split("...")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*?");
    const found = new RegExp(`(?:^| )${pattern}(?= |$)`).exec(rest);
    expect({ comment, printed: rest, found: found !== null }).toEqual({ comment, printed: rest, found: true });
    rest = rest.slice((found?.index ?? 0) + (found?.[0].length ?? 0));
  }
}

describe("library", () => {
  const snippets = runnable("ts", "js");
  const fileOf = ({ place }: Snippet) => join(scratch(), `${place.replace(/\W/g, "-")}.mts`);

  test("the snippets have no type error", async () => {
    for (const snippet of snippets) writeFileSync(fileOf(snippet), snippet.text);
    const options = { composite: false, declaration: false, sourceMap: false, noEmit: true };
    const typeRoots = [join(root, "node_modules/@types")];
    writeFileSync(
      join(scratch(), "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "tsconfig.base.json"),
        compilerOptions: { ...options, typeRoots },
        files: snippets.map(fileOf),
      }),
    );
    const { status, stdout } = await inScratch([join(root, "node_modules/.bin/tsc"), "-p", scratch()]);
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: "" });
  });

  test.each(snippets)("$place runs and prints what it says", async (snippet) => {
    const waive = missingFeatures();
    const waiving = `createSandboxes({ waive: ${JSON.stringify(waive)}, `;
    const text = waive.length === 0 ? snippet.text : snippet.text.replaceAll("createSandboxes({", waiving);
    writeFileSync(fileOf(snippet), text);
    const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
    const { status, stdout, stderr } = await inScratch([process.execPath, tsx, fileOf(snippet)]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expectPrinted(snippet.text, stdout.toString());
  });

  test("a comment that is not what is printed is found", () => {
    const snippet = "console.log(a); // { a: 1, ... }\nconsole.log(b); // 42\n";
    expectPrinted(snippet, '{ a: 1, b: "x" }\n42\n');
    expect(() => expectPrinted(snippet, "{ a: 1, b: 2 }\n43\n")).toThrow();
    expect(() => expectPrinted(snippet, "42\n{ a: 1, b: 2 }\n")).toThrow();
  });
});

const python = runnable("python");
if (python.length > 0) {
  test.each(python)("$place runs", async ({ text }) => {
    const { status, stderr } = await glovebox(["run", "-"], { stdin: text, cwd: scratch() });
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  });
}

test.each(runnable("json"))("$place is what it says", ({ text }) => {
  const value = Object(JSON.parse(text));
  if ("outcome" in value) finishedExecutionSchema.parse(value);
  if (isProblem(value)) problemSchema.parse(value);
  if ("mainFile" in value) {
    const manifest = JSON.parse(readFileSync(join(root, "runners", String(value.name), "runtime.json"), "utf8"));
    expect(manifest).toMatchObject(value);
  }
});
