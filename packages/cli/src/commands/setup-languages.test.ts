import { PassThrough } from "node:stream";
import { type Language, ProblemError } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { type LanguageSetup, type SetupStep, setupLanguages } from "./setup-languages.ts";

const language = (name: string, title: string, version: string | null): Language => ({
  name,
  title,
  aliases: [],
  extensions: [`.${name}`],
  version,
  available: version !== null,
  install: version === null ? `./glovebox setup ${name}` : null,
});

/** Two languages that there are; `cxx` is another name of the first. */
function languagesOf(lua: string | null) {
  const calls: unknown[][] = [];
  const setup: LanguageSetup = {
    known: () => ["cpp", "lua"],
    resolve(word) {
      const name = word === "cxx" ? "cpp" : word;
      if (name !== "cpp" && name !== "lua") throw new ProblemError("unknown-language", "");
      return name;
    },
    async missing(names) {
      calls.push(["missing", names]);
      return ["g++", "lua5.4"];
    },
    async warm(names, { log }) {
      calls.push(["warm", names]);
      log?.("cpp: warm files are made");
    },
    list: async () => [language("cpp", "C++", "12.2.0"), language("lua", "Lua", lua), language("go", "Go", null)],
  };
  return { setup, calls };
}

async function step(name: SetupStep, words: readonly string[] | "all", lua: string | null = "5.4.4") {
  const { setup, calls } = languagesOf(lua);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const status = await setupLanguages(name, words, setup, { stdout, stderr });
  return { status, calls, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

test("the packages that are missing are the output, one a line", async () => {
  expect(await step("missing", ["cxx", "lua", "cpp"])).toEqual({
    status: 0,
    calls: [["missing", ["cpp", "lua"]]],
    stdout: "g++\nlua5.4\n",
    stderr: "",
  });
});

test("all of them are meant without a name", async () => {
  expect((await step("missing", "all")).calls).toEqual([["missing", ["cpp", "lua"]]]);
});

test("unknown names are all refused at once, with the known ones, and nothing is asked", async () => {
  const { setup, calls } = languagesOf("5.4.4");
  await expect(setupLanguages("missing", ["lua", "lau", "c+"], setup)).rejects.toMatchObject({
    code: "unknown-language",
    message: "there is no language 'lau', 'c+'; did you mean lua? the known ones are cpp, lua",
  });
  expect(calls).toEqual([]);
});

test("what is prepared is told line by line, before the versions", async () => {
  const { status, stderr, stdout, calls } = await step("finish", ["cpp"]);
  expect([status, stdout]).toEqual([0, ""]);
  expect(stderr).toBe("glovebox: cpp: warm files are made\nglovebox: C++ 12.2.0\n");
  expect(calls).toEqual([["warm", ["cpp"]]]);
});

test("a host on which nothing can be prepared has its languages all the same", async () => {
  const setup: LanguageSetup = {
    ...languagesOf("5.4.4").setup,
    warm: () => Promise.reject(new ProblemError("isolation-missing", "there are no cgroups")),
  };
  const stderr = new PassThrough();
  expect(await setupLanguages("finish", ["cpp"], setup, { stdout: new PassThrough(), stderr })).toBe(0);
  expect(String(stderr.read()).split("\n")).toEqual([
    "glovebox: there are no cgroups",
    "glovebox: Mend it as `glovebox doctor` says, or waive it by name with --waive.",
    "glovebox: going on; what could not be prepared is made when it is needed first",
    "glovebox: C++ 12.2.0",
    "",
  ]);
});

test("in the end each language that was named is a line with its version", async () => {
  expect(await step("list", ["lua", "cpp"])).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "glovebox: C++ 12.2.0\nglovebox: Lua 5.4.4\n",
  });
});

test("a language that is still missing in the end is said, with status 2", async () => {
  expect(await step("list", ["lua", "cpp"], null)).toMatchObject({
    status: 2,
    stderr: "glovebox: C++ 12.2.0\nglovebox: Lua is missing\n",
  });
});
