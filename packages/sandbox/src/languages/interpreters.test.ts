import { expect, test } from "vitest";
import { languageOfInterpreter } from "./interpreters.ts";

test.each([
  ["python3", "python"],
  ["python", "python"],
  ["python3.11", "python"],
  ["sh", "bash"],
  ["node", "javascript"],
  ["nodejs", "javascript"],
  ["ruby3.1", "ruby"],
  ["lua5.4", "lua"],
  ["Rscript", "r"],
  ["perl", "perl"],
  ["php", "php"],
])("%s runs %s", (program, language) => {
  expect(languageOfInterpreter(program)).toBe(language);
});

test.each(["fish", "", "3.11", "constructor"])("%j is the interpreter of no language", (program) => {
  expect(languageOfInterpreter(program)).toBeUndefined();
});
