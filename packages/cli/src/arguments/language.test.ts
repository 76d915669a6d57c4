import { knownLanguages, resolveRuntime } from "@glovebox/sandbox";
import { expect, test } from "vitest";
import { languageOf } from "./language.ts";

test.each(knownLanguages())("a file with an extension of %s is in that language", (name) => {
  const { extensions } = resolveRuntime(name, undefined).runtime;
  expect(extensions.map((extension) => languageOf(`a.b${extension}`, "#!/usr/bin/env fish"))).toEqual(
    extensions.map(() => name),
  );
});

test.each([[undefined], ["program"], [".profile"]])("a program named %j without a line with #! is Python", (file) => {
  expect(languageOf(file, "# /bin/sh\n#!/bin/sh")).toBe("python");
});

test.each([
  ["#!/usr/bin/env ruby\n", "ruby"],
  ["#! /bin/sh -eu\n", "bash"],
  ["#!/usr/bin/python3 -u\r\n", "python"],
  ["#!/usr/bin/env -S node --no-warnings\n", "javascript"],
  ["#!/usr/bin/env -Snode\n", "javascript"],
  ["#!/usr/bin/env -i LANG=C perl -w", "perl"],
  ["#!/opt/lua/bin/lua5.4", "lua"],
  ["#!Rscript\n", "r"],
])("the line %j picks the language %s, of text and of a file without extension", (line, language) => {
  expect([languageOf(undefined, line), languageOf("program", line)]).toEqual([language, language]);
});

test.each([
  ["#!/usr/bin/fish\n", "fish"],
  ["#!/usr/bin/env\n", ""],
  ["#!\n", ""],
])("an interpreter of no language is refused by name: %j", (line, name) => {
  const message = `FILE: no language goes with the interpreter "${name}" of its line with #!: name one with --lang; known`;
  expect(() => languageOf("program", line)).toThrow(message);
});

test("an extension of no language is refused by name, with the known ones", () => {
  expect(() => languageOf("a.xyz", "")).toThrow(/^FILE: no language goes with the name "a\.xyz": .*python \(\.py\)/);
});
