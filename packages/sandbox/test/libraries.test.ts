// Depends on: nothing.
/** What is listed of libraries is what a program can load: programs load one of each list. */
import { expect, it } from "vitest";
import { problemOf, sharedSandboxes } from "./support/sandboxes.ts";

const sandboxes = sharedSandboxes({ pool: { min: 0, max: 1 } });

/** For each language a library that comes with it or that Glovebox installs, and a program that prints its version. */
const loads: readonly (readonly [language: string, name: string, code: string])[] = [
  ["python", "numpy", "import numpy; print(numpy.__version__)"],
  ["r", "jsonlite", 'library(jsonlite); cat(as.character(packageVersion("jsonlite")), "\\n", sep = "")'],
  ["ruby", "json", 'require "json"; puts JSON::VERSION'],
  ["php", "mbstring", 'mb_strlen("a"); echo phpversion("mbstring"), "\\n";'],
];

it.each(loads)("a program in %s loads %s in the version that is listed", async (name, library, code) => {
  const [language] = await sandboxes().languages({ names: [name], packages: true });
  const { stdout, stderr } = await sandboxes().execute({
    language: name,
    code: name === "php" ? `<?php ${code}` : code,
  }).result;
  expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^\d+\.\d+.*\n$/), stderr: "" });
  const listed = language?.packages?.find((item) => item.name === library);
  // R writes a patch level behind a minus sign in lists and behind a dot in its program.
  const version = listed?.version?.replace("-", ".") ?? "";
  expect({ library, version }).toEqual({ library, version: stdout.trim().replace("-", ".") });
});

it.each(["javascript", "typescript", "perl", "lua"])("the program that lists those of %s runs", async (name) => {
  const [language] = await sandboxes().languages({ names: [name], packages: true });
  expect({ name: language?.name, packages: language?.packages }).toEqual({ name, packages: expect.any(Array) });
  expect(language?.packagesNote).not.toContain("could not be listed");
});

it("a language whose programs load nothing else says so, and nothing is listed that was not asked for", async () => {
  const [withNote] = await sandboxes().languages({ names: ["rust"], packages: true });
  expect(withNote).toMatchObject({ name: "rust", packages: [], packagesNote: "The standard library alone." });
  const [plain] = await sandboxes().languages({ names: ["py"] });
  expect([plain?.name, plain?.packages, plain?.packagesNote]).toEqual(["python", undefined, undefined]);
});

it("a language that is not known is refused", async () => {
  expect(await problemOf(sandboxes().languages({ names: ["kotlin"] }))).toMatchObject({ code: "unknown-language" });
});
