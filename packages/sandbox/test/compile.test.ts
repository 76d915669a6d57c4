// Depends on: cgroups.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { c, cSandboxes, neverCompiled, says } from "./support/c-programs.ts";
import { exited } from "./support/outcomes.ts";
import { allEvents, bytesOf, problemOf, program } from "./support/sandboxes.ts";
import { staged } from "./support/staged.ts";

const { folder, sandboxes, run } = cSandboxes();

describe("a program of a compiled language", () => {
  it("is compiled, then run, and the record tells both apart", async () => {
    const code = program(
      "#include <stdio.h>",
      'int main(void) { int unused; puts("out"); fputs("err\\n", stderr); return 3; }',
    );
    const execution = await run(c(code, { compilerOptions: ["-Wunused-variable"] }));
    expect(execution).toMatchObject({
      outcome: exited(3),
      stdout: "out\n",
      stderr: "err\n",
      error: null,
      artifacts: [],
    });
    expect(execution.compile).toMatchObject({ cached: false, outcome: exited(0, "compile"), stdout: "" });
    expect(execution.compile?.stderr).toMatch(/^main\.c: In function .main.:\nmain\.c:2:22: warning: unused variable/);
    for (const { wallMs, cpuMs, peakMemoryBytes } of [
      execution.metrics,
      execution.compile?.metrics ?? execution.metrics,
    ]) {
      expect([wallMs > 0, cpuMs > 0, peakMemoryBytes > 0]).toEqual([true, true, true]);
    }
    expect(execution.warnings).toEqual([]);
  });

  it("that does not compile ends with its compiler, whose words are the program's", async () => {
    const code = program("#include <stdio.h>", "int main(void) {", "  return missing;", "}");
    const own = sandboxes().execute(c(code));
    const [events, execution] = await Promise.all([allEvents(own), own.result]);
    expect(execution.outcome).toEqual(exited(1, "compile"));
    expect(execution.stderr).toMatch(/^main\.c: In function .main.:\nmain\.c:3:10: error: .missing. undeclared/);
    expect(execution.error).toMatchObject({
      type: "CompileError",
      message: expect.stringMatching(/^.missing. undeclared/),
      line: 3,
      frames: [{ file: "main.c", line: 3, function: "", source: "return missing;" }],
    });
    expect(execution.compile).toMatchObject({ cached: false, outcome: execution.outcome, stderr: execution.stderr });
    expect(events.map(({ type }) => type)).toEqual(["started", "stderr", "finished"]);
    expect(bytesOf(events, "stderr").toString()).toBe(execution.stderr);
  });

  it("that does not compile is told by events alone to a caller who reads those", async () => {
    const own = sandboxes().execute(c("int main(void) { return missing; }"), { collectOutput: false });
    const [events, execution] = await Promise.all([allEvents(own), own.result]);
    expect([execution.stdout, execution.stderr]).toEqual(["", ""]);
    expect(bytesOf(events, "stderr").toString()).toContain("error: ");
    expect(execution.error?.type).toBe("CompileError");
  });

  it("that does not compile is compiled anew the next time, because its limits may have been to blame", async () => {
    const spec = c("int main(void) { return twice_missing; }");
    const both = [await run(spec), await run(spec)];
    expect(both.map(({ compile }) => compile?.cached)).toEqual([false, false]);
  });

  it("may have several files with its entry in a folder, and its sources are beside it when it runs", async () => {
    const files = [
      {
        name: "app/src/main.c",
        content: program(
          '#include "lib/part.h"',
          "#include <stdio.h>",
          "int main(void) {",
          '  FILE *own = fopen("app/src/main.c", "r"), *data = fopen("data.txt", "r");',
          '  printf("%d %d %s\\n", part(), own && data, __FILE__);',
          "}",
        ),
      },
      { name: "lib/part.h", content: "int part(void);\n" },
      { name: "lib/part.c", content: "int part(void) { return 42; }\n" },
      { name: "data.txt", content: "data" },
    ];
    const execution = await run({ files, entry: "app/src/main.c" });
    expect([execution.language, execution.stdout]).toEqual(["c", "42 1 app/src/main.c\n"]);
  });

  it("may have a source over 1 MiB, from memory and from a path", async () => {
    const content = `${"/* a comment */\n".repeat(80_000)}${says("large")}`;
    const path = join(folder(), "large.c");
    writeFileSync(path, content);
    const fromMemory = await run({ files: [{ name: "main.c", content }], entry: "main.c" });
    const fromPath = await run({ files: [{ name: "main.c", path }], entry: "main.c" });
    expect([fromMemory.stdout, fromPath.stdout]).toEqual(["large\n", "large\n"]);
    expect([fromMemory.compile?.cached, fromPath.compile?.cached]).toEqual([false, true]);
  });

  it("keeps nothing staged when it is over but its product", async () => {
    const before = staged();
    await run(c("int main(void) { return also_missing; }"));
    expect(staged()).toEqual(before);
    await run(c(says("keeps nothing")));
    const made = staged().filter((path) => !before.includes(path));
    expect(made).toEqual([expect.stringMatching(/\/inputs\/products\/[0-9a-f]{32}$/)]);
  });
});

describe("a compiler that meets a limit ends the run in its own stage, and that limit is its outcome", () => {
  const stage = "compile";

  it("of wall-clock time", async () => {
    const execution = await run(c(neverCompiled, { compileLimits: { timeoutMs: 500 } }));
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "timeoutMs", stage, violations: [] });
    expect(execution.error).toBeNull();
  });

  it("of memory", async () => {
    // Some 180 MB of names, which the compiler holds until it is looked at.
    const names = `enum { ${Array.from({ length: 400_000 }, (_, index) => `e${index}`).join(", ")} };\n`;
    const files = [{ name: "names.h", content: names }];
    const code = `#include "names.h"\n${neverCompiled}`;
    const spec = c(code, { files, compileLimits: { memoryBytes: 64 * 1024 * 1024 } });
    expect((await run(spec)).outcome).toEqual({ kind: "out-of-memory", stage, violations: [] });
  });

  it("of output, which is kept up to there", async () => {
    const spec = c("#warning flood\n".repeat(5_000), { compileLimits: { outputLines: 100 } });
    const { outcome, stderr } = await run(spec);
    expect(outcome).toEqual({ kind: "output-limit", limit: "outputLines", stage, violations: [] });
    expect(stderr.split("\n").length).toBe(101);
    expect(stderr).toContain("warning: #warning flood");
  });

  it("of disk, or with the status of a compiler that took its files away again", async () => {
    const code = "char large[32 << 20] = { 1 };\nint main(void) { return large[1]; }\n";
    const { outcome, stderr } = await run(c(code, { compileLimits: { diskBytes: 1024 * 1024 } }));
    // Who sees the full disk before the compiler has said so ends it in the middle.
    if (outcome.kind === "disk-limit") expect(outcome).toEqual({ kind: "disk-limit", stage, violations: [] });
    else {
      expect(outcome).toEqual({ kind: "exited", code: expect.any(Number), stage, violations: [] });
      expect(outcome).not.toHaveProperty("code", 0);
      expect(stderr).toMatch(/No space left on device|File size limit exceeded/);
    }
  });

  it("of time, also when the limits of the program are others", async () => {
    const spec = c(neverCompiled, { limits: { timeoutMs: 100 }, compileLimits: { timeoutMs: 700 } });
    const { outcome, metrics } = await run(spec);
    expect(outcome).toMatchObject({ kind: "timed-out", stage });
    expect(metrics.wallMs).toBeGreaterThanOrEqual(700);
  });

  it("but the program's own limits are its own", async () => {
    const code = "int main(void) { for (;;) ; }\n";
    const { outcome, compile } = await run(c(code, { limits: { timeoutMs: 300 } }));
    expect(outcome).toMatchObject({ kind: "timed-out", limit: "timeoutMs", stage: "run" });
    expect(compile?.outcome).toEqual(exited(0, "compile"));
  });

  it.each([
    ["over the ceiling", { timeoutMs: 3_600_001 }, "limit-over-ceiling", "compileLimits.timeoutMs"],
    ["that no limit can be", { processes: 0 }, "invalid-request", "compileLimits.processes"],
  ])("and one %s is refused by its name", async (_, compileLimits, code, field) => {
    const problem = await problemOf(run(c(says("refused"), { compileLimits })));
    expect([problem.code, problem.errors.map((error) => error.field)]).toEqual([code, [field]]);
  });
});
