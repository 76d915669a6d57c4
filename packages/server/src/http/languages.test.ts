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

test("the list of languages can only be read", async () => {
  const harness = await startHarness(function* () {});
  const answer = await harness.send("POST", "/v1/languages", { "content-type": "application/json" }, "{}");
  await harness.close();
  expect(parseProblem(answer).code).toBe("method-not-allowed");
  expect(answer.headers.allow).toBe("GET, HEAD");
});
