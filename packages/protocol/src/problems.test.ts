import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
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

describe("the fields of a problem", () => {
  const errors = [
    { field: "limits.timeoutMs", message: "must be a whole number" },
    { field: "code", message: "must not be empty" },
  ];

  test("are all named in its detail", () => {
    const cause = new Error("why");
    const problem = ProblemError.ofFields("invalid-request", errors, cause);
    expect(problem.message).toBe("limits.timeoutMs: must be a whole number; code: must not be empty");
    expect([problem.errors, problem.cause]).toEqual([errors, cause]);
  });

  test("can be told under the names by which somebody knows them, in the detail as well", () => {
    const options: Readonly<Record<string, string>> = { "limits.timeoutMs": "--timeout" };
    const problem = ProblemError.ofFields("invalid-request", errors).renamed((field) => options[field] ?? field);
    expect(problem.message).toBe("--timeout: must be a whole number; code: must not be empty");
    expect(problem.errors.map(({ field }) => field)).toEqual(["--timeout", "code"]);
    expect(problem.code).toBe("invalid-request");
  });

  test("that are none leave a problem as it is", () => {
    const problem = new ProblemError("closed", "limits.timeoutMs: no");
    expect(problem.renamed(() => "x")).toBe(problem);
  });
});
