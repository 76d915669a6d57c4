// Depends on: identity.
import { describe, expect, it } from "vitest";
import { problemOf, sharedSandboxes } from "./support/sandboxes.ts";

const stdinWarning = "there is no input here";
const sandboxes = sharedSandboxes({ stdinWarning, languages: ["python", "bash"] });

/** One language for each way in which a runner becomes a program (see runners/warden/programs.py). */
const readers: readonly [language: string, reads: string, readsNothing: string][] = [
  ["python", "import sys; print(repr(sys.stdin.read()))", "import os, sys; print(''); os.fstat(0); sys.stdin.fileno()"],
  ["bash", "cat </dev/stdin; echo", "echo; test -t 0; : <&0"],
  ["perl", "print <STDIN>, qq(\\n)", "print qq(\\n); -t STDIN"],
];

describe("a program whose standard input cannot be given", () => {
  it.each(readers)("in %s has the warning when it reads, though it finds the end at once", async (language, code) => {
    const { outcome, warnings } = await sandboxes().execute({ language, code }).result;
    expect([outcome.kind, warnings]).toEqual(["exited", [stdinWarning]]);
  });

  it.each(readers)("in %s has none when it does not", async (language, _, code) => {
    const { outcome, stdout, warnings } = await sandboxes().execute({ language, code }).result;
    expect([outcome, stdout, warnings]).toEqual([{ kind: "exited", code: 0, stage: "run", violations: [] }, "\n", []]);
  });

  it("cannot write to it, nor make it larger", async () => {
    const code = `
import os
for attempt in (lambda: os.write(0, b"x"), lambda: os.ftruncate(0, 1 << 20), lambda: open("/proc/self/fd/0", "r+b", 0).write(b"x")):
    try:
        print(attempt())
    except OSError as error:
        print(error.strerror)
`;
    const { stdout } = await sandboxes().execute({ code }).result;
    expect(stdout).toBe("Operation not permitted\n".repeat(3));
  });

  it("cannot be given one all the same", async () => {
    const problem = await problemOf(sandboxes().execute({ code: "1", stdin: "x" }).result);
    expect(problem.errors).toEqual([
      { field: "stdin", message: "programs of these sandboxes get none (option stdinWarning)" },
    ]);
  });
});
