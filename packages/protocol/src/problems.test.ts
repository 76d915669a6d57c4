import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type ProblemCode, ProblemError, problemSchema, problems } from "./problems.ts";

const codes = Object.keys(problems) as ProblemCode[];

test("docs/problems.md describes every problem with its status, and no other", () => {
  const text = readFileSync(new URL("../../../docs/problems.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| (.+?) \| (.+?) \|$/gm)];
  expect(rows.map(([, code, status]) => `${code} ${status}`)).toEqual(
    codes.map((code) => `${code} ${problems[code].status}`),
  );
});

test.each(codes)("%s travels in the shape of a problem", (code) => {
  const errors = [{ field: "code", message: "must not be empty" }];
  const problem = new ProblemError(code, "because", { errors }).toProblem();
  expect(problemSchema.parse(problem)).toEqual({
    type: `urn:glovebox:problem:${code}`,
    title: problems[code].title,
    status: problems[code].status,
    detail: "because",
    code,
    advice: problems[code].advice,
    errors,
  });
});
