// Depends on: nothing.
import { describe, expect, it } from "vitest";
import { createSandboxes, type ExecutionSpec } from "../src/index.ts";
import { allEvents, problemOf, sharedSandboxes } from "./support/sandboxes.ts";

const sandboxes = sharedSandboxes();
const file = (name: string) => ({ name, content: "x" });

/** Runs a spec that is wrong. Gives its problem after seeing that nothing was started and nothing waits. */
async function refused(spec: ExecutionSpec) {
  const { started } = sandboxes().stats();
  const problem = await problemOf(sandboxes().execute(spec).result);
  expect(sandboxes().stats()).toMatchObject({ started, running: 0, waiting: 0 });
  return problem;
}

describe("a spec that is not valid is refused with the field that is wrong, and nothing is started", () => {
  it.each<[string, ExecutionSpec, string, string]>([
    ["no code", {}, "code", "give exactly one of 'code' and 'entry' (with 'files')"],
    ["empty code", { code: "" }, "code", "must not be empty"],
    ["blank code", { code: " \n\t\n" }, "code", "must not be empty"],
    ["code over 1 MiB", { code: "#".repeat(1_048_577) }, "code", "must be at most 1 MiB (1048576 bytes)"],
    ["code over 1 MiB in bytes", { code: `#${"€".repeat(349_526)}` }, "code", "must be at most 1 MiB (1048576 bytes)"],
    [
      "code and entry",
      { code: "1", entry: "a.py", files: [file("a.py")] },
      "entry",
      "give exactly one of 'code' and 'entry' (with 'files')",
    ],
    ["an entry that is no file", { entry: "b.py", files: [file("a.py")] }, "entry", "names no file of 'files': 'b.py'"],
    [
      "'..' in a name",
      { code: "1", files: [file("../a")] },
      "files[0].name",
      "must not contain '..', '.' or empty path segments",
    ],
    [
      "'..' inside a name",
      { code: "1", files: [file("ok"), file("a/../b")] },
      "files[1].name",
      "must not contain '..', '.' or empty path segments",
    ],
    [
      "'.' in a name",
      { code: "1", files: [file("./a")] },
      "files[0].name",
      "must not contain '..', '.' or empty path segments",
    ],
    [
      "an empty segment",
      { code: "1", files: [file("a//b")] },
      "files[0].name",
      "must not contain '..', '.' or empty path segments",
    ],
    [
      "a trailing slash",
      { code: "1", files: [file("a/")] },
      "files[0].name",
      "must not contain '..', '.' or empty path segments",
    ],
    ["NUL in a name", { code: "1", files: [file("a\0b")] }, "files[0].name", "must not contain a NUL byte"],
    [
      "a segment over 255 bytes",
      { code: "1", files: [file("€".repeat(86))] },
      "files[0].name",
      "has a segment over 255 bytes",
    ],
    [
      "the same name twice",
      { code: "1", files: [file("a"), file("b"), file("a")] },
      "files[2].name",
      "duplicate name 'a'",
    ],
    [
      "a file that is also a folder",
      { code: "1", files: [file("a"), file("a/b")] },
      "files[1].name",
      "'a' is named both as a file and as a folder",
    ],
    [
      "a folder that is also a file",
      { code: "1", files: [file("d/a/b"), file("d/a")] },
      "files[0].name",
      "'d/a' is named both as a file and as a folder",
    ],
    ["NUL in an argument", { code: "1", args: ["ok", "a\0"] }, "args[1]", "must not contain a NUL byte"],
    ["NUL in a variable", { code: "1", env: { A: "a\0" } }, "env.A", "must not contain a NUL byte"],
    [
      "a variable with a wrong name",
      { code: "1", env: { "A=B": "x" } },
      "env.A=B",
      "the name \"A=B\" must consist of letters, digits and '_' and must not begin with a digit",
    ],
    [
      "a sample interval that is too short",
      { code: "1", sampleIntervalMs: 1 },
      "sampleIntervalMs",
      "must be from 10 to 60000 milliseconds",
    ],
    [
      "a sample interval that is no number",
      { code: "1", sampleIntervalMs: Number.NaN },
      "sampleIntervalMs",
      "must be from 10 to 60000 milliseconds",
    ],
  ])("%s", async (_, spec, field, message) => {
    const problem = await refused(spec);
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors).toEqual([{ field, message }]);
    expect(problem.message).toBe(`${field}: ${message}`);
  });

  it("a leading '/' in a name", async () => {
    const problem = await refused({ code: "1", files: [file("/etc/passwd")] });
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors.map((error) => error.field)).toEqual(["files[0].name", "files[0].name"]);
    expect(problem.message).toContain("must be relative: remove the leading '/'");
  });

  it("an empty name", async () => {
    const problem = await refused({ code: "1", files: [file("")] });
    expect(problem.errors.map((error) => error.field)).toEqual(["files[0].name", "files[0].name"]);
    expect(problem.message).toContain("must not be empty");
  });

  it("with several mistakes all of them are named", async () => {
    const problem = await refused({ code: "", files: [file("/a"), file("..")], args: ["\0"] });
    const named = problem.errors.map((error) => error.field);
    expect(named).toEqual(["code", "args[0]", "files[0].name", "files[0].name", "files[1].name"]);
  });

  it.each([
    ["timeoutMs", 3_600_001, 3_600_000],
    ["cpuMs", 7_200_001, 7_200_000],
    ["cpuPercent", 6_401, 6_400],
    ["memoryBytes", 17_179_869_185, 17_179_869_184],
    ["processes", 1_025, 1_024],
    ["outputBytes", 1_073_741_825, 1_073_741_824],
    ["outputLines", 100_000_001, 100_000_000],
    ["diskBytes", 8_589_934_593, 8_589_934_592],
    ["openFiles", 4_097, 4_096],
  ])("%s over the ceiling", async (name, asked, ceiling) => {
    const problem = await refused({ code: "1", limits: { [name]: asked } });
    expect(problem.code).toBe("limit-over-ceiling");
    expect(problem.errors).toEqual([
      { field: `limits.${name}`, message: `${asked} is over this host's ceiling of ${ceiling}` },
    ]);
  });

  it("all limits over the ceiling are named together", async () => {
    const problem = await refused({ code: "1", limits: { timeoutMs: 9e9, processes: 9e9 } });
    expect(problem.errors.map((error) => error.field)).toEqual(["limits.timeoutMs", "limits.processes"]);
  });

  it.each([
    ["timeoutMs", 0],
    ["timeoutMs", -5],
    ["timeoutMs", 1.5],
    ["timeoutMs", Number.NaN],
    ["memoryBytes", 1_000],
    ["diskBytes", 1],
    ["openFiles", 3],
    ["processes", 0],
    ["outputBytes", -1],
  ])("%s of %d, which no limit can be", async (name, asked) => {
    const problem = await refused({ code: "1", limits: { [name]: asked } });
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors.map((error) => error.field)).toEqual([`limits.${name}`]);
  });

  it("a language that is not known, with the ones that are", async () => {
    const problem = await refused({ code: "1", language: "cobol" });
    expect(problem.code).toBe("unknown-language");
    expect(problem.errors.map((error) => error.field)).toEqual(["language"]);
    expect(problem.message).toMatch(/^language: 'cobol' is not known; known are: .*\bpython\b/);
  });

  it("an entry whose name tells no language", async () => {
    const problem = await refused({ entry: "main.xyz", files: [file("main.xyz")] });
    expect(problem.code).toBe("unknown-language");
    expect(problem.errors.map((error) => error.field)).toEqual(["entry"]);
  });

  it("and the reader of its events gets the problem too", async () => {
    await expect(allEvents(sandboxes().execute({ code: "" }))).rejects.toMatchObject({ code: "invalid-request" });
  });
});

describe("a field that nobody knows is refused with the one that was meant, and nothing is started", () => {
  /** As a caller without types writes it. */
  const untyped = (value: object): ExecutionSpec => value;

  it.each([
    [{ code: "1", limit: { timeoutMs: 1 } }, "limit", "did you mean 'limits'?"],
    [{ code: "1", timeoutMs: 1 }, "timeoutMs", "did you mean 'limits.timeoutMs'?"],
    [{ code: "1", limits: { timeout: 1 } }, "limits.timeout", "did you mean 'limits.timeoutMs'?"],
    [{ code: "1", compileLimits: { memory: 1 } }, "compileLimits.memory", "did you mean 'compileLimits.memoryBytes'?"],
    [{ code: "1", file: [] }, "file", "did you mean 'files'?"],
    [{ code: "1", files: [{ ...file("a"), mode: 1 }] }, "files[0].mode", "remove it or correct its name"],
    [{ code: "1", stdin: { pth: "/x" } }, "stdin.pth", "did you mean 'stdin.path'?"],
    [{ code: "1", artifactsDir: "/x" }, "artifactsDir", "give it in the second argument"],
  ])("%j", async (spec, field, mend) => {
    const problem = await refused(untyped(spec));
    expect([problem.code, problem.errors]).toEqual(["invalid-request", [{ field, message: `unknown field: ${mend}` }]]);
  });

  it("among the options of a run", async () => {
    const options: object = { artefactsDir: "/nowhere", collect: false };
    const problem = await problemOf(sandboxes().execute({ code: "1" }, options).result);
    expect(problem.message).toBe(
      "artefactsDir: unknown field: did you mean 'artifactsDir'?; collect: unknown field: did you mean 'collectOutput'?",
    );
  });

  it("among the options of createSandboxes", async () => {
    const options: object = { timeout: 5_000, pool: { minimum: 1 } };
    const problem = await problemOf(createSandboxes(options));
    expect([problem.code, problem.message]).toEqual([
      "invalid-configuration",
      "timeout: unknown field: did you mean 'defaults.timeoutMs'?; pool.minimum: unknown field: did you mean 'pool.min'?",
    ]);
  });
});

describe("what is unusual but can be served is served", () => {
  it.each(["py", "python3", "Python", " PYTHON "])("the alias '%s' of a language, with a warning", async (language) => {
    const execution = await sandboxes().execute({ code: "6 * 7", language }).result;
    expect(execution.value).toBe(42);
    expect(execution.language).toBe("python");
    expect(execution.warnings).toEqual([`language: '${language}' was read as 'python'`]);
  });

  it("code of exactly 1 MiB", async () => {
    const execution = await sandboxes().execute({ code: `${"#".repeat(1_048_574)}\n7` }).result;
    expect(execution.value).toBe(7);
  });

  it("limits at the ceiling", async () => {
    const limits = {
      timeoutMs: 3_600_000,
      cpuMs: 7_200_000,
      processes: 1_024,
      openFiles: 4_096,
      outputBytes: 1_073_741_824,
    };
    expect((await sandboxes().execute({ code: "7", limits }).result).value).toBe(7);
  });

  it("limits at the lowest", async () => {
    const limits = { memoryBytes: 16_777_216, processes: 1, openFiles: 16, diskBytes: 65_536, cpuPercent: 5 };
    const execution = await sandboxes().execute({ code: "print(7)\n7", limits }).result;
    expect([execution.value, execution.stdout, execution.stderr]).toEqual([7, "7\n", ""]);
    expect(execution.outcome).toMatchObject({ kind: "exited", code: 0 });
  });

  it("a file name of 255 bytes in folders 300 deep", async () => {
    const name = `${"d/".repeat(300)}${"n".repeat(255)}`;
    const code = "import os\nlen(open(uploaded_files[0]).read())";
    const execution = await sandboxes().execute({ code, files: [file(name)] }).result;
    expect([execution.value, execution.outcome.kind]).toEqual([1, "exited"]);
  });

  it("warnings of the caller stand before those of the run", async () => {
    const execution = await sandboxes().execute({ code: "7", language: "py" }, { warnings: ["of the caller"] }).result;
    expect(execution.warnings).toEqual(["of the caller", "language: 'py' was read as 'python'"]);
  });
});
