// Depends on: nothing.
import { describe, expect, it } from "vitest";
import { c, cSandboxes, says } from "./support/c-programs.ts";
import { problemOf, program } from "./support/sandboxes.ts";

const { sandboxes, run } = cSandboxes();

describe("options of the compiler", () => {
  const code = program(
    "#include <math.h>",
    "#include <stdio.h>",
    'int main(int count, char **words) { printf("%ld %d %.0f\\n", __STDC_VERSION__, N, sqrt(N)); return 0; }',
  );

  it("are what the program is compiled with, and each list of them makes a product of its own, which is kept", async () => {
    const with9 = ["-O3", "-std=c11", "-lm", "-DN=9"];
    for (const [compilerOptions, stdout, cached] of [
      [with9, "201112 9 3\n", false],
      [["-std=c99", "-DN=16"], "199901 16 4\n", false],
      [["-DN=1", ...with9], "201112 9 3\n", false],
      [with9, "201112 9 3\n", true],
    ] as const) {
      const { compile, ...record } = await run(c(code, { compilerOptions }));
      expect([compilerOptions, record.stdout, compile?.cached]).toEqual([compilerOptions, stdout, cached]);
    }
  });

  it("ask for warnings, of which there are none for what compilers take for right by themselves", async () => {
    const quiet = await run(c(code.replaceAll("N,", "4,").replace("sqrt(N)", "2.0")));
    expect([quiet.stdout, quiet.compile?.stderr]).toEqual(["201710 4 2\n", ""]);
    const loud = await run(c(code, { compilerOptions: ["-DN=4", "-Wall", "-Wextra"] }));
    expect(loud.stdout).toBe("201710 4 2\n");
    expect(loud.compile?.stderr).toMatch(
      /^main\.c: In function .main.:\nmain\.c:3:14: warning: unused parameter .count./,
    );
  });

  it("that are not allowed are refused before anything is started", async () => {
    const { started } = sandboxes().stats();
    for (const [spec, field, message] of [
      [
        c(says("x"), { compilerOptions: ["-O3", "-g", "-B."] }),
        "compilerOptions[2]",
        /^"-B\." is not allowed; C allows: /,
      ],
      [c(says("x"), { compilerOptions: ["-O3\n-B."] }), "compilerOptions[0]", /^must not contain control characters$/],
      [{ code: "1", compilerOptions: ["-O3"] }, "compilerOptions", /^Python has no compiler that takes options$/],
    ] as const) {
      const problem = await problemOf(run(spec));
      expect([problem.code, problem.errors]).toEqual([
        "invalid-request",
        [{ field, message: expect.stringMatching(message) }],
      ]);
    }
    expect(sandboxes().stats()).toMatchObject({ started, running: 0, waiting: 0 });
  });
});
