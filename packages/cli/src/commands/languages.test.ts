import { PassThrough } from "node:stream";
import { type Language, type LanguageQuery, ProblemError } from "@glovebox/protocol";
import { expect, test } from "vitest";
import type { TargetFlags } from "../target/open-target.ts";
import type { Target } from "../target/target.ts";
import { languages } from "./languages.ts";

/** A target that has nothing but languages, and what it was opened with. */
function listing(list: Target["languages"]) {
  const opened: TargetFlags[] = [];
  let closed = 0;
  const open = async (flags: TargetFlags): Promise<Target> => {
    opened.push(flags);
    return {
      languages: list,
      run: () => {
        throw new Error("nothing is run");
      },
      languageOfInterpreter: async () => ({ known: [] }),
      close: async () => void closed++,
    };
  };
  return { open, opened, closed: () => closed };
}

const found: readonly Language[] = [
  {
    name: "cpp",
    title: "C++",
    aliases: ["c++", "cxx"],
    extensions: [".cpp", ".cc"],
    version: "12.2.0",
    available: true,
    install: null,
  },
  {
    name: "lua",
    title: "Lua",
    aliases: [],
    extensions: [".lua"],
    version: null,
    available: false,
    install: "./glovebox setup lua",
  },
];

test("each language is a line, with its state or the command that installs it", async () => {
  const stdout = new PassThrough();
  const { open, closed } = listing(async () => found);
  expect(await languages([], { toolchain: [], waive: [] }, open, stdout)).toBe(0);
  expect(closed()).toBe(1);
  expect(String(stdout.read())).toBe(
    [
      "NAME  VERSION  EXTENSIONS  ALIASES  STATE",
      "cpp   12.2.0   .cpp .cc    c++ cxx  available",
      "lua   -        .lua                 missing; run: ./glovebox setup lua",
      "",
    ].join("\n"),
  );
});

test("--json prints what HTTP answers, of the target that the options choose", async () => {
  const stdout = new PassThrough();
  const asked: LanguageQuery[] = [];
  const { open, opened } = listing(async (query) => {
    asked.push(query);
    return found;
  });
  const flags = { json: true, toolchain: ["/opt/a", "/opt/b"], waive: [], server: "http://a:1" } as const;
  expect(await languages([], flags, open, stdout)).toBe(0);
  const text = String(stdout.read());
  expect(JSON.parse(text)).toEqual({ languages: found });
  expect(text.indexOf("\n")).toBe(text.length - 1);
  expect([asked, opened]).toEqual([[{}], [flags]]);
});

test("a folder that cannot be shown is refused in the words of the command line", async () => {
  const refuse = async () => {
    const errors = [{ field: "toolchains[0]", message: "/etc may not be shown" }];
    throw new ProblemError("invalid-configuration", "toolchains[0]: /etc may not be shown", { errors });
  };
  const { open } = listing(refuse);
  await expect(languages([], { toolchain: ["/etc"], waive: [] }, open, new PassThrough())).rejects.toMatchObject({
    code: "invalid-configuration",
    message: "--toolchain: /etc may not be shown",
  });
});

test("--packages prints what programs can load, a paragraph for each language that is named", async () => {
  const stdout = new PassThrough();
  const asked: LanguageQuery[] = [];
  const [cpp, lua] = found;
  if (cpp === undefined || lua === undefined) throw new Error("two languages are listed");
  const list = async (query: LanguageQuery): Promise<readonly Language[]> => {
    asked.push(query);
    const packages = [
      { name: "zlib", version: "1.2" },
      { name: "b\x1b[1m", version: null },
    ];
    return [
      { ...cpp, packages, packagesNote: "And the standard library." },
      { ...lua, packages: null, packagesNote: null },
    ];
  };
  const { open } = listing(list);
  expect(await languages(["cpp", "lua"], { packages: true, toolchain: [], waive: [] }, open, stdout)).toBe(0);
  expect(String(stdout.read())).toBe(
    [
      "cpp 12.2.0",
      "  (And the standard library.)",
      "  zlib 1.2",
      "  b\\x1b[1m",
      "",
      "lua missing; run: ./glovebox setup lua",
      "",
    ].join("\n"),
  );
  expect(asked).toEqual([{ names: ["cpp", "lua"], packages: true }]);
});

test("a language that is not known is named", async () => {
  const refuse = async () => {
    const message = "'kotlin' is not known; known are: cpp, lua";
    throw ProblemError.ofFields("unknown-language", [{ field: "language", message }]);
  };
  const { open } = listing(refuse);
  await expect(languages(["kotlin"], { toolchain: [], waive: [] }, open, new PassThrough())).rejects.toMatchObject({
    code: "unknown-language",
    errors: [{ field: "NAMES", message: "'kotlin' is not known; known are: cpp, lua" }],
  });
});

test("what is for who makes sandboxes is nothing that a server is asked with", async () => {
  const flags = { server: "http://127.0.0.1:1", toolchain: ["/opt/a"], waive: [] };
  await expect(languages([], flags, undefined, new PassThrough())).rejects.toThrow(
    "--toolchain: is nothing that a server is told with a program: give it to `glovebox serve`",
  );
});
