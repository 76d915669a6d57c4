import { ProblemError } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { languageToAskFor, namingExtension } from "./language.ts";

/** What was asked of a target that knows Ruby and Lua. */
function target() {
  const asked: string[] = [];
  const known = ["lua", "ruby"];
  const languageOfInterpreter = async (program: string) => {
    asked.push(program);
    return known.includes(program) ? { language: program, known } : { known };
  };
  return { languageOfInterpreter, asked };
}

test("a file with an extension asks for no language, whatever its first line", async () => {
  const here = target();
  expect(await languageToAskFor("a.b.rb", "#!/usr/bin/env fish\n", here)).toBeUndefined();
  expect(here.asked).toEqual([]);
});

test.each([[undefined], ["program"], [".profile"]])(
  "a program named %j without a line with #! is Python",
  async (file) => {
    expect(await languageToAskFor(file, "# /bin/sh\n#!/bin/sh", target())).toBe("python");
  },
);

test.each([
  ["#!/usr/bin/env ruby\n", "ruby"],
  ["#! /bin/sh -eu\n", "sh"],
  ["#!/usr/bin/python3 -u\r\n", "python3"],
  ["#!/usr/bin/env -S node --no-warnings\n", "node"],
  ["#!/usr/bin/env -Snode\n", "node"],
  ["#!/usr/bin/env -i LANG=C perl -w", "perl"],
  ["#!/opt/lua/bin/lua5.4", "lua5.4"],
  ["#!Rscript\n", "Rscript"],
  ["#!/usr/bin/env\n", ""],
  ["#!\n", ""],
])("the line %j names the interpreter %j, of text and of a file without extension", async (line, interpreter) => {
  const here = target();
  await languageToAskFor(undefined, line, here).catch(() => {});
  await languageToAskFor("program", line, here).catch(() => {});
  expect(here.asked).toEqual([interpreter, interpreter]);
});

test("the language of the interpreter is asked for, and an interpreter of no language is refused by name", async () => {
  expect(await languageToAskFor("program", "#!/usr/bin/ruby", target())).toBe("ruby");
  const message = `FILE: no language goes with the interpreter "fish" of its line with #!: name one with --lang; known are: lua, ruby`;
  await expect(languageToAskFor("program", "#!/usr/bin/fish\n", target())).rejects.toThrow(message);
  await expect(languageToAskFor(undefined, "#!/usr/bin/fish\n", target())).rejects.toThrow(/^CODE: no language/);
});

test("an extension of no language is refused by name, with the known ones", () => {
  const errors = [{ field: "entry", message: "known languages: python (.py)" }];
  const problem = new ProblemError("unknown-language", "entry: set 'language'", { errors });
  expect(namingExtension(problem, "x/a.xyz")).toMatchObject({
    code: "unknown-language",
    message: 'entry: no language goes with the name "a.xyz": name one with --lang; known languages: python (.py)',
  });
  const other = ProblemError.ofFields("unknown-language", [{ field: "language", message: "m" }]);
  expect(namingExtension(other, "a.xyz")).toBe(other);
});
