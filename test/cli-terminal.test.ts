/** What a program gets of a terminal, and what is said of it. */
import { expect, test } from "vitest";
import { endChildren, endOf, startChild } from "./support/child.ts";
import { seen } from "./support/cli.ts";
import { main } from "./support/glovebox.ts";
import { waivers } from "./support/waivers.ts";

endChildren();

/** Runs a command whose standard input is a terminal, on which the first argument has been typed. */
const inTerminal = `
import os, subprocess, sys
terminal, end = os.openpty()
os.write(terminal, sys.argv[1].encode())
sys.exit(subprocess.run(sys.argv[2:], stdin=end).returncode)
`;
const endOfInput = "\u0004"; // Ctrl-D

async function runInTerminal(typed: string, ...args: readonly string[]) {
  const command = ["/usr/bin/python3", "-c", inTerminal, typed, process.execPath, main, "run", ...args];
  return seen(await endOf(startChild(command, { env: waivers(), stdio: ["ignore", "pipe", "pipe"] })));
}

const told =
  "glovebox: warning: standard input was empty, because a terminal is not passed on: give input with --stdin FILE or " +
  "a pipe; --stdin - reads the terminal to its end (Ctrl-D) first\n";

test.each([
  ["python", "import sys; print(repr(sys.stdin.readline()))", "''\n"],
  ["javascript", "console.log(require('node:fs').readFileSync(0).length)", "0\n"],
  ["c", '#include <stdio.h>\nint main(void) { printf("%d\\n", getchar()); }', "-1\n"],
])("a program in %s that reads from a terminal gets nothing, and it is told why", async (language, code, stdout) => {
  expect(await runInTerminal("", "--lang", language, "-c", code)).toEqual({ status: 0, stdout, stderr: told });
});

test("a program that reads nothing has nothing told", async () => {
  expect(await runInTerminal("", "-c", "print(1)")).toEqual({ status: 0, stdout: "1\n", stderr: "" });
});

test("--stdin - reads the terminal to its end before the program starts", async () => {
  const ended = await runInTerminal(`one\ntwo\n${endOfInput}`, "-c", "print(input(), input())", "--stdin", "-");
  expect(ended).toEqual({ status: 0, stdout: "one two\n", stderr: "" });
});

test("a program that was typed has no input, and is told why with --json too", async () => {
  const typed = `import sys\nsys.stdin.read()\n${endOfInput}`;
  const { status, stdout, stderr } = await runInTerminal(typed, "-", "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    warnings: ["standard input was empty, because the program itself was read from it: give input with --stdin FILE"],
  });
});
