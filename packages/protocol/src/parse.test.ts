import { describe, expect, it } from "vitest";
import { fieldPath } from "./known-fields.ts";
import { parseExecutionRequest } from "./parse.ts";
import { ProblemError } from "./problems.ts";

function refusal(input: unknown): ProblemError {
  try {
    parseExecutionRequest(input);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

const fields = (input: unknown) => refusal(input).errors.map((error) => error.field);
const file = (name: string, more: object = { content: "" }) => ({ name, ...more });

describe("a request that is right", () => {
  it("is taken as it is, without a warning", () => {
    const request = {
      language: "python",
      code: "print(1)",
      files: [file("a/b.txt"), file("c.bin", { contentBase64: "AAEC" })],
      stdin: "in",
      args: ["-x"],
      env: { A: "1" },
      parameters: { rate: 0.5 },
      data: [1],
      limits: { timeoutMs: 1_000 },
      returnVariables: ["x"],
      sampleIntervalMs: 100,
      compilerOptions: ["-O3", "-DTEXT=a b"],
      metadata: { user: "u" },
    };
    expect(parseExecutionRequest(request)).toEqual({ request, warnings: [] });
  });

  it("needs no more than code, or files with an entry", () => {
    expect(parseExecutionRequest({ code: "1" }).request).toEqual({ code: "1" });
    const request = { files: [file("main.py")], entry: "main.py" };
    expect(parseExecutionRequest(request).request).toEqual(request);
  });

  it("may have code of exactly 1 MiB", () => {
    expect(parseExecutionRequest({ code: "#".repeat(1_048_576) }).request.code?.length).toBe(1_048_576);
  });
});

describe("numbers given as text", () => {
  it("are corrected with a warning for each", () => {
    const { request, warnings } = parseExecutionRequest({
      code: "1",
      limits: { timeoutMs: "1500", memoryBytes: " +33554432 " },
      compileLimits: { cpuMs: "900" },
      sampleIntervalMs: "50",
    });
    expect(request.limits).toEqual({ timeoutMs: 1_500, memoryBytes: 33_554_432 });
    expect(request.compileLimits).toEqual({ cpuMs: 900 });
    expect(request.sampleIntervalMs).toBe(50);
    expect(warnings).toEqual([
      'sampleIntervalMs: the text "50" was read as the number 50',
      'limits.timeoutMs: the text "1500" was read as the number 1500',
      'limits.memoryBytes: the text " +33554432 " was read as the number 33554432',
      'compileLimits.cpuMs: the text "900" was read as the number 900',
    ]);
  });

  it.each(["", "10s", "1e3", "0x10", "1 000", "Infinity", "NaN", "١"])("are not guessed: %j", (text) => {
    expect(fields({ code: "1", limits: { timeoutMs: text } })).toEqual(["limits.timeoutMs"]);
  });

  it("are held to the rules of the field once they are numbers", () => {
    expect(fields({ code: "1", limits: { timeoutMs: "-5", processes: "1.5" } })).toEqual([
      "limits.timeoutMs",
      "limits.processes",
    ]);
  });

  it("leave what the caller gave untouched", () => {
    const input = Object.freeze({ code: "1", limits: Object.freeze({ timeoutMs: "1500" }) });
    parseExecutionRequest(input);
    expect(input).toEqual({ code: "1", limits: { timeoutMs: "1500" } });
  });
});

describe("a request that breaks a rule names the field", () => {
  it.each<[string, unknown, string[]]>([
    ["nothing to run", {}, ["code"]],
    ["code and entry", { code: "1", entry: "a", files: [file("a")] }, ["entry"]],
    ["empty code", { code: "" }, ["code"]],
    ["blank code", { code: " \n" }, ["code"]],
    ["code over 1 MiB in bytes", { code: "€".repeat(349_526) }, ["code"]],
    ["code that is no text", { code: 1 }, ["code"]],
    ["an entry that is no file", { entry: "b", files: [file("a")] }, ["entry"]],
    ["an absolute name", { code: "1", files: [file("/a")] }, ["files[0].name", "files[0].name"]],
    ["'..' in a name", { code: "1", files: [file("ok"), file("a/../b")] }, ["files[1].name"]],
    ["NUL in a name", { code: "1", files: [file("a\0")] }, ["files[0].name"]],
    ["a long segment", { code: "1", files: [file("n".repeat(256))] }, ["files[0].name"]],
    ["a name twice", { code: "1", files: [file("a"), file("a")] }, ["files[1].name"]],
    ["a file and a folder of one name", { code: "1", files: [file("a/b"), file("a")] }, ["files[0].name"]],
    ["a file with no content", { code: "1", files: [{ name: "a" }] }, ["files[0]"]],
    ["a file with two", { code: "1", files: [file("a", { content: "", contentBase64: "" })] }, ["files[0]"]],
    [
      "content that is no base64",
      { code: "1", files: [file("a", { contentBase64: "*" })] },
      ["files[0].contentBase64"],
    ],
    ["standard input twice", { code: "1", stdin: "", stdinBase64: "" }, ["stdinBase64"]],
    ["standard input that is no base64", { code: "1", stdinBase64: "*" }, ["stdinBase64"]],
    ["NUL in an argument", { code: "1", args: ["a", "\0"] }, ["args[1]"]],
    ["a variable without a name", { code: "1", env: { "": "x" } }, ["env."]],
    ["a variable with '='", { code: "1", env: { "A=B": "x" } }, ["env.A=B"]],
    ["NUL in a variable", { code: "1", env: { A: "\0" } }, ["env.A"]],
    ["an unknown field", { code: "1", timeout: 5 }, ["timeout"]],
    ["an unknown limit", { code: "1", limits: { timeout: 5 } }, ["limits.timeout"]],
    ["an unknown limit of the compiler", { code: "1", compileLimits: { timeout: 5 } }, ["compileLimits.timeout"]],
    ["a limit of 0", { code: "1", limits: { timeoutMs: 0 } }, ["limits.timeoutMs"]],
    ["a limit that is no whole number", { code: "1", limits: { cpuMs: 1.5 } }, ["limits.cpuMs"]],
    ["little memory", { code: "1", limits: { memoryBytes: 16_777_215 } }, ["limits.memoryBytes"]],
    ["little disk", { code: "1", limits: { diskBytes: 65_535 } }, ["limits.diskBytes"]],
    ["few descriptors", { code: "1", limits: { openFiles: 15 } }, ["limits.openFiles"]],
    ["a short interval", { code: "1", sampleIntervalMs: 9 }, ["sampleIntervalMs"]],
    ["no name of a variable", { code: "1", returnVariables: [""] }, ["returnVariables[0]"]],
    ["a language without a name", { code: "1", language: "" }, ["language"]],
    ["text", "print(1)", ["(body)"]],
    ["a list", [], ["(body)"]],
    ["null", null, ["(body)"]],
  ])("%s", (_, input, expected) => {
    const problem = refusal(input);
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors.map((error) => error.field)).toEqual(expected);
  });

  it("all of them at once, in the message too", () => {
    const problem = refusal({ code: "", args: ["\0"], nonsense: 1 });
    expect(problem.errors.map((error) => error.field).sort()).toEqual(["args[0]", "code", "nonsense"]);
    for (const { field, message } of problem.errors) expect(problem.message).toContain(`${field}: ${message}`);
  });

  it("up to a hundred, and counts the others", () => {
    const env = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`A=${index}`, ""]));
    const problem = refusal({ code: "1", env });
    expect(problem.errors.length).toBe(100);
    expect(problem.message.endsWith("; and 50 errors more")).toBe(true);
  });

  it.each<[string, string, string]>([
    ["data", "1e400", "data"],
    ["data", '{"a":[0,[-1e999]]}', "data.a[1][0]"],
    ["parameters", '{"n":1e400}', "parameters.n"],
    ["metadata", '{"n":{"m":1e400}}', "metadata.n.m"],
  ])("of a number in %s that no double holds: %s", (name, json, field) => {
    const message = "is a number over 1.8e308, which no double holds: give it as text";
    expect(refusal({ code: "1", [name]: JSON.parse(json) }).errors).toEqual([{ field, message }]);
  });

  it("of a variable with a bad name, and says the name and the rule", () => {
    expect(refusal({ code: "1", env: { "A B": "1" } }).errors).toEqual([
      {
        field: "env.A B",
        message: `the name "A B" must consist of letters, digits and '_' and must not begin with a digit`,
      },
    ]);
  });

  it.each([1.5, "soon", null, Number.POSITIVE_INFINITY])("of a limit that is no whole number: %s", (timeoutMs) => {
    expect(refusal({ code: "1", limits: { timeoutMs } }).message).toBe("limits.timeoutMs: must be a whole number");
  });

  it("of an interval outside of its bounds, and says them", () => {
    expect(refusal({ code: "1", sampleIntervalMs: 60_001 }).message).toBe(
      "sampleIntervalMs: must be from 10 to 60000 milliseconds",
    );
  });

  it("with the first thousand characters of its name", () => {
    expect(fields({ code: "1", ["k".repeat(5_000)]: 1 })).toEqual(["k".repeat(1_000)]);
  });

  it("with what to do", () => {
    expect(refusal({ code: "1", files: [file("../a")] }).errors).toEqual([
      { field: "files[0].name", message: "must not contain '..', '.' or empty path segments" },
    ]);
    expect(refusal({ code: "1", timeot: 1 }).errors).toEqual([
      { field: "timeot", message: "unknown field: remove it or correct its name" },
    ]);
  });

  it("when it is nested too deep", () => {
    let data: unknown = 1;
    for (let count = 0; count < 5_000; count++) data = [data];
    expect(refusal({ code: "1", data }).message).toBe("the request is nested deeper than 100 levels");
  });
});

describe("the path of a field", () => {
  it("is written as callers write it", () => {
    expect(fieldPath(["files", 0, "name"])).toBe("files[0].name");
    expect(fieldPath(["limits", "timeoutMs"])).toBe("limits.timeoutMs");
    expect(fieldPath([])).toBe("(body)");
  });
});

describe("a crowd of entries", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`K${index}`, ""]));

  it.each<[string, object]>([
    ["env", { env: many(1_001) }],
    ["parameters", { parameters: many(1_001) }],
    ["metadata", { metadata: many(1_001) }],
    ["limits", { limits: many(1_001) }],
    ["args", { args: Array.from({ length: 1_001 }, () => "") }],
    ["(body)", many(1_001)],
    ["files[1]", { files: [{ name: "a", content: "" }, many(7)] }],
    ["files[0].name", { files: [{ name: many(7), content: "" }] }],
    ["files", { files: Array.from({ length: 50_001 }, () => ({})) }],
  ])("in %s is refused before each of them is looked at", (field, more) => {
    expect(refusal({ code: "1", ...more }).errors).toEqual([
      {
        field,
        message:
          "has, or brings the request to, too many entries: at most 1000 here, 10000 outside of 'data', and 50000 files",
      },
    ]);
  });

  it("of files may be 50,000", () => {
    const files = Array.from({ length: 50_000 }, (_, index) => file(`node_modules/a/${index}.js`));
    expect(parseExecutionRequest({ code: "1", files }).request.files?.length).toBe(50_000);
  });

  it("in data, or in the value of a parameter, is a caller's own", () => {
    const request = { code: "1", data: many(20_000), parameters: { all: many(20_000), ...many(999) } };
    expect(parseExecutionRequest(request)).toEqual({ request, warnings: [] });
  });
});
