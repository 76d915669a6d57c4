import { languageSchema } from "@glovebox/protocol";
import { expect, test } from "vitest";
import * as z from "zod";
import { parseProblem, startHarness } from "../testing/http-harness.ts";

test("the languages are listed with their version or with the command that installs them", async () => {
  const harness = await startHarness(function* () {});
  const answer = await harness.send("GET", "/v1/languages");
  await harness.close();
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
  const { languages } = z.strictObject({ languages: z.array(languageSchema) }).parse(JSON.parse(answer.text));
  expect(languages.map(({ name, version, install }) => [name, version, install])).toEqual([
    ["python", "3.11.2", null],
    ["lua", null, "./glovebox setup lua"],
  ]);
});

async function list(query: string) {
  const harness = await startHarness(function* () {});
  const answer = await harness.send("GET", `/v1/languages${query}`);
  await harness.close();
  return answer;
}

async function listed(query: string): Promise<unknown> {
  const answer = await list(query);
  expect(answer.status).toBe(200);
  const { languages } = z.strictObject({ languages: z.array(languageSchema) }).parse(JSON.parse(answer.text));
  return languages.map(({ name, packages, packagesNote }) => [name, packages, packagesNote]);
}

test("what programs can load is listed when it is asked for, and then alone", async () => {
  const packages = [{ name: "numpy", version: "1.24.2" }];
  expect(await listed("?packages=true&language=python")).toEqual([
    ["python", packages, "The standard library besides."],
  ]);
  expect(await listed("?packages=false")).toEqual([
    ["python", undefined, undefined],
    ["lua", undefined, undefined],
  ]);
});

test("languages are chosen by name, one or several", async () => {
  expect(await listed("?language=lua")).toEqual([["lua", undefined, undefined]]);
  expect(await listed("?language=lua&language=python")).toHaveLength(2);
  const problem = parseProblem(await list("?language=kotlin"));
  expect([problem.code, problem.detail]).toEqual(["unknown-language", "language: 'kotlin' is not known"]);
});

test("a query that is not known is refused, with the name of its field", async () => {
  const errors = async (query: string) => parseProblem(await list(query)).errors;
  expect(await errors("?packages=yes")).toEqual([{ field: "packages", message: "must be true or false" }]);
  expect(await errors("?package=true")).toEqual([
    { field: "package", message: "unknown field: remove it or correct its name" },
  ]);
});

test("the list of languages can only be read", async () => {
  const harness = await startHarness(function* () {});
  const answer = await harness.send("POST", "/v1/languages", { "content-type": "application/json" }, "{}");
  await harness.close();
  expect(parseProblem(answer).code).toBe("method-not-allowed");
  expect(answer.headers.allow).toBe("GET, HEAD");
});
