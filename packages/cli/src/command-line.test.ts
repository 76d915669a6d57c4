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
  [["frobnicate"], "unknown command 'frobnicate'"],
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
