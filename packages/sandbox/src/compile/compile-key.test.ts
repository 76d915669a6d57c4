import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  defaultCompileLimits,
  defaultLimits,
  type LimitName,
  type Limits,
  ProblemError,
  type Program,
  type Runtime,
} from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toyProgram } from "../../test/support/toy-program.ts";
import { toolchainNow, toyRuntime } from "../../test/support/toy-runtime.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import { runnersFolder } from "../runners-folder.ts";
import { compileKey, readSources } from "./compile-key.ts";
import { ToolchainKeys } from "./toolchain-keys.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glovebox-key-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A toolchain whose compiler is a script. The folder of its scripts is that of a language there is. */
function toolchain(change: Partial<Runtime> = {}): Toolchain {
  const place = join(folder, "compiler");
  writeFileSync(place, "#!/bin/sh\necho 1.0\n");
  chmodSync(place, 0o755);
  utimesSync(place, 1_000, 1_000);
  const runtime = toyRuntime({
    name: "lua",
    tools: { compiler: ["compiler"] },
    version: { command: ["{compiler}"], pattern: "\\d+\\.\\d+" },
    run: ["{product}/program"],
    compile: { command: ["{compiler}", "{entry}"], sources: [".toy", ".inc"] },
    ...change,
  });
  return toolchainNow({ runtime, tools: { compiler: place }, folders: [] });
}

const toolchainKey = (compiler: Toolchain) => new ToolchainKeys(runnersFolder).of(compiler);

const program = toyProgram({
  entry: "main.toy",
  files: [
    { name: "main.toy", content: "main" },
    { name: "lib/part.inc", content: "part" },
    { name: "data.csv", content: "1,2" },
  ],
});

async function keyOf(change: Partial<Program>, limits: Limits = defaultCompileLimits): Promise<string> {
  const changed = { ...program, ...change };
  const { entry = "", compilerOptions: options } = changed;
  const compiler = toolchain();
  const sources = await readSources(changed, compiler.runtime.compile?.sources ?? []);
  return compileKey(await toolchainKey(compiler), { entry, sources, options, limits });
}

/** The files of the spec with one of them in another form. */
function withFile(name: string, file: { name?: string; content?: string | Uint8Array }): Partial<Program> {
  const files = program.files.map((each) => (each.name === name && "content" in each ? { ...each, ...file } : each));
  return { files };
}

describe("the key of a product", () => {
  it("is a name that the cache takes, and the same for the same program", async () => {
    const key = await keyOf({});
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(await keyOf({})).toBe(key);
  });

  it.each<[string, Partial<Program>]>([
    ["the entry's content", withFile("main.toy", { content: "main " })],
    ["another source's content", withFile("lib/part.inc", { content: "parts" })],
    ["another source's name", withFile("lib/part.inc", { name: "lib/part2.inc" })],
    ["another source's folder", withFile("lib/part.inc", { name: "part.inc" })],
    ["a source more", { files: [...program.files, { name: "more.toy", content: "" }] }],
    ["a source less", { files: program.files.filter(({ name }) => name !== "lib/part.inc") }],
    ["which of the sources is the entry", { entry: "lib/part.inc" }],
    [
      "which content has which name",
      {
        files: [
          { name: "main.toy", content: "part" },
          { name: "lib/part.inc", content: "main" },
        ],
      },
    ],
    ["a data file that is the entry", { entry: "data.csv" }],
  ])("changes with %s", async (_, change) => {
    expect(await keyOf(change)).not.toBe(await keyOf({}));
  });

  it.each<[string, Partial<Program>]>([
    ["data files", withFile("data.csv", { content: "3,4" })],
    ["the number of data files", { files: [...program.files, { name: "more.csv", content: "" }] }],
    ["files whose names only contain an extension", { files: [...program.files, { name: "a.toy.txt", content: "" }] }],
    ["the order of the files", { files: [...program.files].reverse() }],
    ["the form of a file's content", withFile("main.toy", { content: Buffer.from("main") })],
    ["the arguments", { args: ["-x"] }],
    ["the parameters, the data and the environment", { parameters: { a: 1 }, data: [1], env: { A: "b" } }],
    ["standard input", { stdin: "x" }],
    ["the limits of the program", { limits: { ...defaultLimits, timeoutMs: 1 } }],
  ])("does not change with %s", async (_, change) => {
    expect(await keyOf(change)).toBe(await keyOf({}));
  });

  it.each<LimitName>([
    "timeoutMs",
    "cpuMs",
    "cpuPercent",
    "memoryBytes",
    "processes",
    "outputBytes",
    "outputLines",
    "diskBytes",
    "openFiles",
  ])("changes with the limit %s of the compiler, and is the same again with the same one", async (name) => {
    const higher = { ...defaultCompileLimits, [name]: defaultCompileLimits[name] + 1 };
    expect(await keyOf({}, higher)).not.toBe(await keyOf({}));
    expect(await keyOf({}, { ...higher, [name]: defaultCompileLimits[name] })).toBe(await keyOf({}));
  });

  it("does not take one limit for another, and does not depend on their order", async () => {
    const { processes, openFiles, ...others } = defaultCompileLimits;
    const exchanged = { ...others, processes: openFiles, openFiles: processes };
    expect(await keyOf({}, exchanged)).not.toBe(await keyOf({}));
    expect(await keyOf({}, { openFiles, processes, ...others })).toBe(await keyOf({}));
  });

  it("changes with the options, with their order and with where one ends, and is the same again with the same ones", async () => {
    const lists = [[], ["-a"], ["-b"], ["-a", "-b"], ["-b", "-a"], ["-a-b"], ['-a","-b'], ["-a", "-a"]];
    const keys: string[] = [];
    for (const compilerOptions of lists) keys.push(await keyOf({ compilerOptions }));
    expect(new Set(keys).size).toBe(lists.length);
    expect(keys[0]).toBe(await keyOf({}));
    expect(keys[4]).toBe(await keyOf({ compilerOptions: ["-b", "-a"] }));
  });

  it("does not take the end of one part for the beginning of the next", async () => {
    const of = (name: string, content: string) =>
      keyOf({
        entry: "m",
        files: [
          { name: "m", content: "" },
          { name, content },
        ],
      });
    const keys = [
      await of("a.toy", "b"),
      await of("a.toyb.toy", ""),
      await of("b.toy", "a"),
      await of('a"],["b.toy', ""),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});

describe("the key of a toolchain", () => {
  it("is the same for the same compiler, and changes with its file, though version and size stay", async () => {
    const compiler = toolchain();
    const one = await toolchainKey(compiler);
    expect(await toolchainKey(compiler)).toBe(one);
    utimesSync(compiler.tools.compiler ?? "", 2_000, 2_000);
    expect(await toolchainKey(compiler)).not.toBe(one);
  });

  it("changes with the language, whose folder holds the flags", async () => {
    expect(await toolchainKey(toolchain({ name: "perl" }))).not.toBe(await toolchainKey(toolchain()));
  });

  it("changes with the folders and the packages that the language uses besides its own", async () => {
    const keys = [
      await toolchainKey(toolchain()),
      await toolchainKey(toolchain({ shares: ["perl"] })),
      await toolchainKey(toolchain({ shares: ["php"] })),
      await toolchainKey(toolchain({ npm: ["typescript"] })),
      await toolchainKey(toolchain({ npm: ["zod"] })),
    ];
    expect(new Set(keys).size).toBe(5);
  });
});

describe("the sources of a program", () => {
  it("are its entry, whatever it is called, and the files with the extensions of sources, in their order", async () => {
    const names = async (change: Partial<Program>) =>
      (await readSources({ ...program, ...change }, [".toy", ".inc"])).map(({ name }) => name);
    expect(await names({})).toEqual(["main.toy", "lib/part.inc"]);
    expect(await names({ entry: "data.csv" })).toEqual(["main.toy", "lib/part.inc", "data.csv"]);
    expect(await readSources(toyProgram(), [".toy"])).toEqual([]);
  });

  it("are all files where one of these says that others are compiled in", async () => {
    const names = async (embeds: string, extensions = [".toy", ".inc"]) =>
      (await readSources(program, extensions, embeds)).map(({ name }) => name);
    const all = program.files.map(({ name }) => name);
    expect(all).toContain("data.csv");
    const [source = ""] = program.files.flatMap((file) =>
      file.name === "lib/part.inc" && "content" in file ? [String(file.content)] : [],
    );
    expect(await names(`^${source}$`)).toEqual(all);
    expect(await names(`^${source}$`, [".toy"])).toEqual(["main.toy"]);
    expect(await names("^no such text$")).toEqual(["main.toy", "lib/part.inc"]);
  });

  it("are read from their paths once: what is hashed is what is compiled", async () => {
    const path = join(folder, "main.toy");
    writeFileSync(path, "main");
    const files = [{ name: "main.toy", path, size: 4 }, ...program.files.slice(1)];
    const sources = await readSources({ ...program, files }, [".toy", ".inc"]);
    writeFileSync(path, "changed");
    expect(sources[0]).toEqual({ name: "main.toy", content: Buffer.from("main") });
    const input = { entry: "main.toy", sources, options: [], limits: defaultCompileLimits };
    expect(compileKey(await toolchainKey(toolchain()), input)).toBe(await keyOf({}));
  });

  it("that cannot be read are a mistake of the caller", async () => {
    const path = join(folder, "gone");
    const problem: unknown = await keyOf({ files: [{ name: "main.toy", path, size: 4 }] }).catch(
      (error: unknown) => error,
    );
    expect(problem).toBeInstanceOf(ProblemError);
    expect(problem).toMatchObject({
      code: "unreadable-file",
      errors: [{ field: "files[0].path", message: `${path} cannot be read: check its path and permissions` }],
    });
  });
});

describe("the scripts that go into a key", () => {
  const runners = () => join(folder, "runners");
  const script = (path: string, content: string) => {
    mkdirSync(join(runners(), path, ".."), { recursive: true });
    writeFileSync(join(runners(), path), content);
  };

  it("are those of one folder as they were at its first use, because sandboxes see a copy", async () => {
    script("lua/compile.sh", "one");
    const keys = new ToolchainKeys(runners());
    const first = await keys.of(toolchain());
    script("lua/compile.sh", "two");
    expect(await keys.of(toolchain())).toBe(first);
    expect(await new ToolchainKeys(runners()).of(toolchain())).not.toBe(first);
    script("lua/compile.sh", "one");
    expect(await new ToolchainKeys(runners()).of(toolchain())).toBe(first);
  });

  it("are without tests and packages, which a copy has not or has besides", async () => {
    script("lua/lib/part.sh", "part");
    const first = await new ToolchainKeys(runners()).of(toolchain());
    for (const path of ["test/a.py", "testing/a.py", "__pycache__/a.pyc", "node_modules/zod/index.js"]) {
      script(`lua/${path}`, "more");
    }
    expect(await new ToolchainKeys(runners()).of(toolchain())).toBe(first);
    script("lua/lib/testing.sh", "part");
    expect(await new ToolchainKeys(runners()).of(toolchain())).not.toBe(first);
  });

  it("include the manifest as it was read, whose flags are those that are used", async () => {
    const flags = (flag: string) =>
      toolchain({ compile: { command: ["{compiler}", flag], options: [], sources: [], limits: {} } });
    expect(await toolchainKey(flags("-O1"))).not.toBe(await toolchainKey(flags("-O2")));
  });

  it("are told apart by the package beside them, which stays when its source is updated", async () => {
    const compiler = toolchain({ npm: ["zod"] });
    script("lua/compile.sh", "one");
    const keys = new ToolchainKeys(runners());
    const before = await keys.of(compiler);
    script("lua/node_modules/zod/package.json", '{"version": "another"}');
    expect(await keys.of(compiler)).not.toBe(before);
  });
});
