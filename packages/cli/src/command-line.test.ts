import { problemSchema } from "@glovebox/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { runCommandLine } from "./command-line.ts";

afterEach(() => vi.restoreAllMocks());

async function call(...argv: string[]) {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      text[name] += String(chunk);
      return true;
    });
  }
  const status = await runCommandLine(argv);
  vi.restoreAllMocks();
  return { status, ...text };
}

test.each([
  [["frobnicate"], "glovebox: unknown command 'frobnicate'\n"],
  [["rnu"], "glovebox: unknown command 'rnu': did you mean run?\n"],
  [["run", "--timout", "3"], "glovebox: unknown option '--timout': did you mean --timeout?\n"],
  [["run", "--frob"], "unknown option '--frob'"],
  [["serve", "--frob"], "unknown option '--frob'"],
  [["run", "--timeout"], "'--timeout <s>' argument missing"],
  [["run", "a.py", "b"], "arguments of the program come after '--'"],
  [["run", "\u001b[2J", "--\u001b[2J"], "unknown option '--\\x1b[2J'"],
])("%j is wrong usage: status 2 and a message that names it", async (argv, message) => {
  const { status, stdout, stderr } = await call(...argv);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("glovebox: ");
  expect(stderr).toContain(message);
});

test("--version and --help go to stdout with status 0", async () => {
  const version = await call("--version");
  expect([version.status, version.stderr]).toEqual([0, ""]);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = await call("run", "--help");
  expect([help.status, help.stderr]).toEqual([0, ""]);
  expect(help.stdout).toContain("--memory <MB>");
  expect(help.stdout).toContain("Exit status:");
});

test.each([
  [["run", "--json", "--bogus"], 2, "invalid-request", "--bogus", "unknown option '--bogus'"],
  [["run", "--json=1", "-c", "1"], 2, "invalid-request", "--json", "unknown option '--json=1'"],
  [["run", "--jsn", "-c", "1"], 2, "invalid-request", "--jsn", "unknown option '--jsn': did you mean --json?"],
  [["languages", "--json", "--bogus"], 2, "invalid-request", "--bogus", "unknown option '--bogus'"],
  [["run", "--json", "--timeout"], 2, "invalid-request", "--timeout", "option '--timeout <s>' argument missing"],
  [
    ["run", "--json", "a.py", "b"],
    2,
    "invalid-request",
    "(command line)",
    "too many arguments for 'run'. Expected 1 argument but got 2; arguments of the program come after '--'",
  ],
  [
    ["run", "--json", "/nowhere/a.py"],
    2,
    "unreadable-file",
    "FILE",
    'cannot read "/nowhere/a.py": there is no such file',
  ],
  [["run", "--json", "-c", "1", "--timeout", "0"], 2, "invalid-request", "--timeout", "must be at least 0.001 s"],
  [
    ["languages", "--json", "--toolchain", "x"],
    2,
    "invalid-configuration",
    "--toolchain",
    'must be an absolute path, not "x"',
  ],
  [["doctor", "--json", "--waive", "walls"], 2, "invalid-configuration", "--waive", "Invalid option"],
])("with --json %j is one problem on stdout, and told on stderr too", async (argv, expected, code, field, message) => {
  const { status, stdout, stderr } = await call(...argv);
  expect(status).toBe(expected);
  const problem = problemSchema.parse(JSON.parse(stdout));
  expect([problem.code, problem.errors.map((error) => error.field)]).toEqual([code, [field]]);
  expect(problem.errors[0]?.message).toContain(message);
  expect(problem.detail).not.toContain("limits.");
  expect(stdout.endsWith("}\n")).toBe(true);
  expect(stderr).toMatch(/^glovebox: /);
});

test("what comes after '--' is the program's, --json too", async () => {
  expect((await call("run", "--bogus", "--", "--json")).stdout).toBe("");
});
