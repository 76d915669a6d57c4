import { knownLanguages, resolveRuntime } from "@glovebox/sandbox";
import { expect, test } from "vitest";
import { languageOf } from "./language.ts";

test.each(knownLanguages())("a file with an extension of %s is in that language", (name) => {
  const { extensions } = resolveRuntime(name, undefined).runtime;
  expect(extensions.map((extension) => languageOf(`a.b${extension}`))).toEqual(extensions.map(() => name));
});

test.each([[undefined], ["program"], [".profile"]])("a program named %j is Python", (file) => {
  expect(languageOf(file)).toBe("python");
});

test("an extension of no language is refused by name, with the known ones", () => {
  expect(() => languageOf("a.xyz")).toThrow(/^FILE: no language goes with the name "a\.xyz": .*python \(\.py\)/);
});
