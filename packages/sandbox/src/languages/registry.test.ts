import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProblemError } from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { knownLanguages, readManifests, resolveLanguage, resolveRuntime, runtimes } from "./registry.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glovebox-registry-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const whole = {
  name: "toy",
  title: "Toy",
  aliases: ["toylang"],
  extensions: [".toy"],
  mainFile: "main.toy",
  tools: { toy: ["toy"] },
  version: { command: ["{toy}", "--version"], pattern: "\\d+" },
  packages: ["toy"],
  start: "command",
  run: ["{toy}", "{entry}", "{args}"],
};

/** Writes the manifest of one folder: an object, or text as it is. */
function write(name: string, content: object | string): string {
  mkdirSync(join(folder, name), { recursive: true });
  const place = join(folder, name, "runtime.json");
  writeFileSync(place, typeof content === "string" ? content : JSON.stringify(content));
  return place;
}

function refusal(): string {
  try {
    readManifests(folder);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the manifests were not refused");
}

describe("the manifests of a folder", () => {
  it("are read from each folder that has one, in the order of their titles", () => {
    write("toy", whole);
    write("abacus", { ...whole, name: "abacus", title: "abacus", aliases: [], extensions: [".abc"] });
    mkdirSync(join(folder, "warden"));
    writeFileSync(join(folder, "runtime.json"), "{}");
    expect(readManifests(folder).map(({ name }) => name)).toEqual(["abacus", "toy"]);
  });

  it("are completed with what a language that says nothing of it has", () => {
    write("toy", whole);
    expect(readManifests(folder)).toEqual([
      {
        ...whole,
        dataPackages: [],
        npm: [],
        shares: [],
        etc: [],
        environment: {},
        taskFormat: "json",
        floor: {},
        reservesAddressSpace: false,
        outOfMemory: [],
        errors: { compile: [], run: [] },
      },
    ]);
  });

  it("are none where there is no folder", () => {
    expect(readManifests(folder)).toEqual([]);
  });
});

describe("a manifest that is not valid is refused with its place and its field", () => {
  it.each<[string, object, string]>([
    ["a field that is missing", { mainFile: undefined }, "mainFile: "],
    [
      "options of a compiler that its command has no place for",
      { compile: { command: ["{toy}"], options: [{ pattern: "-a", help: "-a" }], sources: [] } },
      "compile: needs '{options}' in its 'command', because it has 'options'",
    ],
    [
      "an option of a compiler that is no pattern",
      { compile: { command: ["{toy}", "{options}"], options: [{ pattern: "(", help: "-a" }], sources: [] } },
      "compile.options.0.pattern: must be a regular expression",
    ],
    ["a field that no manifest has", { colour: "red" }, '"colour"'],
    ["a name with a capital letter", { name: "Toy" }, "name: "],
    ["an extension without its dot", { extensions: ["toy"] }, "extensions.0: "],
    ["no extension", { extensions: [] }, "extensions: "],
    ["a command that is no list", { run: "{toy} {entry}" }, "run: "],
    ["an empty command", { run: [] }, "run: "],
    ["a way to start that there is not", { start: "spawn" }, "start: "],
    ["a parked language without the command", { start: "park" }, "park: is needed, because 'start' is 'park'"],
    ["a command language without the command", { run: undefined }, "run: is needed, because 'start' is 'command'"],
    [
      "a compiler for a forked language",
      { start: "fork", compile: { command: ["{toy}"], sources: [".toy"] } },
      "compile: needs 'start' to be 'command'",
    ],
    ["a placeholder in capitals", { tools: { TOY: ["toy"] } }, "tools.TOY: "],
    ["a tool without a name", { tools: { toy: [] } }, "tools.toy: "],
    ["an entry of /etc that leads out of it", { etc: ["../root"] }, "etc.0: "],
    ["a limit that no limit can be", { floor: { processes: 0 } }, "floor.processes: "],
    ["a limit that there is not", { floor: { threads: 4 } }, 'floor: Unrecognized key: "threads"'],
    [
      "a pattern that does not compile",
      { errors: { run: [{ pattern: "(?<file>" }] } },
      "errors.run.0.pattern: must be a regular expression",
    ],
    [
      "a version pattern that does not compile",
      { version: { command: ["{toy}"], pattern: "[" } },
      "version.pattern: must be a regular expression",
    ],
    ["a test without what hello prints", { tests: { hello: {}, bad: {} } }, "tests.hello.stdout: "],
  ])("%s", (_, change, reason) => {
    const place = write("toy", { ...whole, ...change });
    const message = refusal();
    expect(message).toContain(`${place}: `);
    expect(message).toContain(reason);
  });

  it("names every field that is wrong at once", () => {
    write("toy", { ...whole, title: 1, packages: [] });
    const message = refusal();
    expect(message).toContain("title: ");
    expect(message).toContain("packages: ");
  });

  it.each([
    ["is empty", ""],
    ["ends in the middle", JSON.stringify(whole).slice(0, -5)],
    ["has a comment", `// a toy\n${JSON.stringify(whole)}`],
  ])("that %s is not JSON", (_, text) => {
    const place = write("toy", text);
    expect(refusal()).toMatch(new RegExp(`^${place}: is not JSON: `));
  });

  it.each(["null", "[]", '"toy"', "7"])("that is %s is no manifest", (text) => {
    const place = write("toy", text);
    expect(refusal()).toMatch(new RegExp(`^${place}: `));
  });

  it("that cannot be read is not passed over", () => {
    const place = join(folder, "toy", "runtime.json");
    mkdirSync(place, { recursive: true });
    expect(refusal()).toContain(place);
  });

  it("that names another folder than its own", () => {
    const place = write("game", whole);
    expect(refusal()).toBe(`${place}: name: must be that of the folder, 'game'`);
  });
});

describe("what two languages both call theirs is refused with both of them", () => {
  const other = { ...whole, name: "zoo", title: "Zoo", aliases: ["zoolang"], extensions: [".zoo"] };

  it.each<[string, object, string]>([
    ["a name that is another's alias", { aliases: ["toy"] }, "toy"],
    ["an alias", { aliases: ["toylang"] }, "toylang"],
    ["an extension", { extensions: [".zoo", ".toy"] }, ".toy"],
  ])("%s", (_, change, word) => {
    write("toy", whole);
    write("zoo", { ...other, ...change });
    const message = refusal();
    expect(message).toContain(`'${word}' belongs to `);
    expect(message).toContain(join(folder, ""));
    expect(message).toMatch(/(toy|zoo)\/runtime\.json: .* belongs to (toy|zoo) already$/);
  });

  it("but not an extension in another case, which is another one", () => {
    write("toy", { ...whole, extensions: [".t"] });
    write("zoo", { ...other, extensions: [".T"] });
    expect(readManifests(folder).map(({ name }) => name)).toEqual(["toy", "zoo"]);
  });

  it("and an alias that could never be found, because names are looked up in small letters, is refused too", () => {
    const place = write("toy", { ...whole, aliases: ["TOYLANG"] });
    expect(refusal()).toContain(`${place}: aliases.0: `);
  });
});

describe("a language", () => {
  function problemOf(language: string | undefined, entry?: string): ProblemError {
    try {
      resolveRuntime(language, entry);
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
    throw new Error("was found");
  }

  it("is found by its name, its aliases, and both in capitals or with blanks around them", () => {
    for (const word of ["python", "py", "python3", "PYTHON", " Py\n"])
      expect(resolveRuntime(word, undefined).runtime.name).toBe("python");
    expect(resolveLanguage("LUA5.4")).toBe("lua");
  });

  it("is found without a word when it was named as it is, and with a warning otherwise", () => {
    expect(resolveRuntime("lua", undefined).warning).toBeUndefined();
    expect(resolveRuntime("Lua5.4", undefined).warning).toBe("language: 'Lua5.4' was read as 'lua'");
  });

  it("is the one that was named, whatever the extension says", () => {
    expect(resolveRuntime("perl", "main.py").runtime.name).toBe("perl");
  });

  it("is Python for code that names none", () => {
    expect(resolveRuntime(undefined, undefined).runtime.name).toBe("python");
  });

  it.each([
    ["main.py", "python"],
    ["main.lua", "lua"],
    ["main.go", "go"],
    ["Main.java", "java"],
    ["a.R", "r"],
    ["a.r", "r"],
    ["main.c", "c"],
    ["main.cpp", "cpp"],
    ["main.rs", "rust"],
    ["main.rb", "ruby"],
    ["MAIN.PY", "python"],
    ["archive.tar.py", "python"],
    ["a..py", "python"],
    ["src/deep/main.pl", "perl"],
    ["v1.2/main.pl", "perl"],
    [".hidden.py", "python"],
    ["with space .py", "python"],
  ])("goes by the extension of %j", (entry, name) => {
    expect(resolveRuntime(undefined, entry)).toEqual({ runtime: expect.objectContaining({ name }) });
  });

  it("goes by the very extension before it goes by the one in small letters", () => {
    const listed = runtimes().flatMap((runtime) => runtime.extensions.map((extension) => ({ runtime, extension })));
    for (const { runtime, extension } of listed)
      expect(resolveRuntime(undefined, `main${extension}`).runtime.name).toBe(runtime.name);
  });

  it.each(["Makefile", ".py", "src/.py", "main.", "main.py/", "main.py.", "main.xyz", "py", "v1.py/main", "..", ""])(
    "is not known by the file name %j, and the known ones are named with their extensions",
    (entry) => {
      const problem = problemOf(undefined, entry);
      expect(problem.code).toBe("unknown-language");
      expect(problem.message).toContain(`entry: no language goes with the file name '${entry}'; set 'language'`);
      expect(problem.message).toContain("lua (.lua)");
      expect(problem.errors.map(({ field }) => field)).toEqual(["entry"]);
    },
  );

  it.each([
    ["", ""],
    [" ", ""],
    ["pyhton", "did you mean 'python'? "],
    ["JavaScrip", "did you mean 'javascript'? "],
    ["C+", "did you mean 'c++'? "],
    ["main.py", ""],
    ["constructor", ""],
    ["__proto__", ""],
  ])("is not known as %j", (language, suggestion) => {
    const problem = problemOf(language);
    expect(problem.code).toBe("unknown-language");
    const message = `'${language}' is not known; ${suggestion}known are: ${knownLanguages().join(", ")}`;
    expect(problem.errors).toEqual([{ field: "language", message }]);
    expect(() => resolveLanguage(language)).toThrow(ProblemError);
  });
});
