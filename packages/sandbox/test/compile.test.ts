import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Execution } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec, Sandboxes } from "../src/index.ts";
import { runtimeFolders, runtimeRoot } from "./support/leftovers.ts";
import { patience } from "./support/patience.ts";
import { descendants } from "./support/processes.ts";
import {
  allEvents,
  bytesOf,
  openSandboxes,
  problemOf,
  program,
  sharedSandboxes,
  temporaryFolder,
  untilPrinted,
} from "./support/sandboxes.ts";

const folder = temporaryFolder();
const sandboxes = sharedSandboxes(() => ({ languages: ["c"], cacheDir: join(folder(), "shared-cache") }));
const c = (code: string, more: ExecutionSpec = {}): ExecutionSpec => ({ language: "c", code, ...more });
const run = (spec: ExecutionSpec) => sandboxes().execute(spec).result;

const compiled = { kind: "exited", code: 0, stage: "compile", violations: [] };
const ran = (code = 0) => ({ kind: "exited", code, stage: "run", violations: [] });

/** A program that prints a text; each text is another program. */
const says = (text: string) => program("#include <stdio.h>", `int main(void) { puts("${text}"); return 0; }`);

/** A program whose compiler waits until it is stopped: a terminal that nobody writes to is no source. */
const neverCompiled = '#include "/dev/ptmx"\nint main(void) { return 0; }\n';

/** What lies below the staged inputs of this process now: files of runs, and products. */
function staged(): string[] {
  return runtimeFolders().flatMap((instance) =>
    readdirSync(join(runtimeRoot, instance), { recursive: true, withFileTypes: true })
      .filter(({ parentPath }) => /\/inputs(\/products)?$/.test(parentPath))
      .map(({ name }) => name)
      .filter((name) => name !== "products"),
  );
}

const compilers = () => descendants().filter(({ name }) => name === "cc1");

async function using<T>(cacheDir: string, use: (own: Sandboxes) => Promise<T>): Promise<T> {
  const own = await openSandboxes({ languages: ["c"], cacheDir, pool: { min: 1, max: 2 } });
  try {
    return await use(own);
  } finally {
    await own.close();
  }
}

describe("a program of a compiled language", () => {
  it("is compiled, then run, and the record tells both apart", async () => {
    const code = program(
      "#include <stdio.h>",
      'int main(void) { int unused; puts("out"); fputs("err\\n", stderr); return 3; }',
    );
    const execution = await run(c(code));
    expect(execution).toMatchObject({ outcome: ran(3), stdout: "out\n", stderr: "err\n", error: null, artifacts: [] });
    expect(execution.compile).toMatchObject({ cached: false, outcome: compiled, stdout: "" });
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
    expect(execution.outcome).toEqual({ kind: "exited", code: 1, stage: "compile", violations: [] });
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
    const made = staged().filter((name) => !before.includes(name));
    expect(made).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
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
    const spec = c('#include "/dev/zero"\n', { compileLimits: { memoryBytes: 128 * 1024 * 1024 } });
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
    expect(["disk-limit", "exited"]).toContain(outcome.kind);
    expect(outcome.stage).toBe(stage);
    expect(stderr).toMatch(/No space left on device|File size limit exceeded/);
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
    expect(compile?.outcome).toEqual(compiled);
  });

  it.each([
    ["over the ceiling", { timeoutMs: 3_600_001 }, "limit-over-ceiling", "compileLimits.timeoutMs"],
    ["that no limit can be", { processes: 0 }, "invalid-request", "compileLimits.processes"],
  ])("and one %s is refused by its name", async (_, compileLimits, code, field) => {
    const problem = await problemOf(run(c(says("refused"), { compileLimits })));
    expect([problem.code, problem.errors.map((error) => error.field)]).toEqual([code, [field]]);
  });
});

describe("a program that was compiled before", () => {
  it("is not compiled again: not with other arguments, data, limits, not under another form", async () => {
    const code = says("once");
    const first = await run(c(code));
    const others = await Promise.all([
      run(c(code)),
      run(c(code, { args: ["a"], stdin: "x", env: { A: "b" }, parameters: { p: 1 }, data: [1] })),
      run(c(code, { limits: { timeoutMs: 9_000 }, compileLimits: { timeoutMs: 9_000 } })),
      run(c(code, { files: [{ name: "data.csv", content: "1" }] })),
      run({ files: [{ name: "main.c", content: code }], entry: "main.c" }),
    ]);
    expect(others.map(({ stdout, compile }) => [stdout, compile?.cached])).toEqual(others.map(() => ["once\n", true]));
    for (const { compile } of others) expect(compile).toEqual({ ...first.compile, cached: true });
  });

  it("is compiled again when its source, a header or its name is another", async () => {
    const header = (value: number) => ({ name: "value.h", content: `#define VALUE ${value}\n` });
    const code = '#include "value.h"\nint main(void) { return VALUE; }\n';
    const ends = async (spec: ExecutionSpec) => {
      const { outcome, compile } = await run({ language: "c", ...spec });
      return [outcome.kind === "exited" && outcome.code, compile?.cached];
    };
    expect(await ends({ code, files: [header(4)] })).toEqual([4, false]);
    expect(await ends({ code, files: [header(5)] })).toEqual([5, false]);
    expect(await ends({ code, files: [header(4)] })).toEqual([4, true]);
    expect(await ends({ code: `${code}\n`, files: [header(4)] })).toEqual([4, false]);
    const renamed = { entry: "other.c", files: [header(4), { name: "other.c", content: code }] };
    expect(await ends(renamed)).toEqual([4, false]);
  });

  it("is compiled once for all that ask at the same time, and all of them run", async () => {
    const spec = c(says("together"));
    const all = await Promise.all(Array.from({ length: 6 }, (_, index) => run({ ...spec, args: [`${index}`] })));
    expect(all.map(({ stdout }) => stdout)).toEqual(all.map(() => "together\n"));
    expect(all.map(({ compile }) => compile?.cached).sort()).toEqual([false, true, true, true, true, true]);
  });

  it("is not compiled again by the next instance with the same folder, and is by one with another", async () => {
    const [same, other] = [join(folder(), "same"), join(folder(), "other")];
    const spec = c(says("survives"), { compileLimits: { timeoutMs: 50_000 } });
    const of = (cacheDir: string) => using(cacheDir, (own) => own.execute(spec).result);
    const [first, second, third] = [await of(same), await of(same), await of(other)];
    expect([first, second, third].map(({ compile }) => compile?.cached)).toEqual([false, true, false]);
    expect([first, second, third].map(({ stdout }) => stdout)).toEqual(["survives\n", "survives\n", "survives\n"]);
    expect(second.compile).toEqual({ ...first.compile, cached: true });
  });

  it("has the product of the content that its key stands for, though its file is changed while it waits", async () => {
    const path = join(folder(), "changing.c");
    const text = (word: string) => `${"/* a comment */\n".repeat(80_000)}${says(word)}`;
    const files = [{ name: "main.c", path }];
    const own = await openSandboxes({ concurrency: 1, languages: ["c"], cacheDir: join(folder(), "changing") });
    try {
      const blocker = own.execute(
        c(
          program(
            "#include <stdio.h>",
            "#include <unistd.h>",
            'int main(void) { puts("ready"); fflush(stdout); sleep(60); }',
          ),
        ),
      );
      await untilPrinted(blocker, "ready\n");
      writeFileSync(path, text("before"));
      const waiting = own.execute({ files, entry: "main.c" });
      await expect.poll(() => own.stats().waiting).toBe(1);
      writeFileSync(path, text("after!"));
      blocker.cancel();
      await waiting.result;
      writeFileSync(path, text("before"));
      expect((await own.execute({ files, entry: "main.c" }).result).stdout).toBe("before\n");
      writeFileSync(path, text("after!"));
      expect((await own.execute({ files, entry: "main.c" }).result).stdout).toBe("after!\n");
    } finally {
      await own.close();
    }
  });
});

describe("a product on disk that somebody changed", () => {
  const entries = (cacheDir: string) => readdirSync(join(cacheDir, "compiled")).sort();

  /** Compiles two programs; gives the place of each one's entry and what an instance makes of the first one then. */
  async function twoEntries(cacheDir: string) {
    const [mine, others] = [c(says("mine")), c(says("evil"))];
    const places = await using(cacheDir, async (own) => {
      expect((await own.execute(mine).result).stdout).toBe("mine\n");
      const [name = ""] = entries(cacheDir);
      expect((await own.execute(others).result).stdout).toBe("evil\n");
      const other = entries(cacheDir).find((each) => each !== name) ?? "";
      return [join(cacheDir, "compiled", name), join(cacheDir, "compiled", other)] as const;
    });
    const again = async () => {
      const { stdout, compile } = await using(cacheDir, (own) => own.execute(mine).result);
      return [stdout, compile?.cached];
    };
    return { places, again };
  }

  const split = (content: Buffer) => {
    const code = content.indexOf("\n") + 1;
    const header = content.indexOf("\n", code) + 1;
    return [content.subarray(0, code), content.subarray(code, header), content.subarray(header)] as const;
  };

  it("is never run: it is compiled anew, and the entry is good again", { timeout: patience(120_000) }, async () => {
    const { places, again } = await twoEntries(join(folder(), "poisoned"));
    const [place, otherPlace] = places;
    expect(await again()).toEqual(["mine\n", true]); // control: as it was put it is used
    const [good, evil] = [readFileSync(place), readFileSync(otherPlace)];
    const [code, header, body] = split(good);
    const [, evilHeader, evilBody] = split(evil);
    expect(evilBody.length).toBe(body.length);
    const inMiddle = code.length + header.length + Math.floor(body.length / 2);
    const hash = createHash("sha256").update(header).update(evilBody).digest("hex");
    const poisons: Record<string, Buffer> = {
      "the program of another entry": Buffer.concat([code, header, evilBody]),
      "the whole of another entry": evil,
      "all of another entry but the code": Buffer.concat([code, evilHeader, evilBody]),
      "another program with a plain hash as code": Buffer.concat([Buffer.from(`${hash}\n`), header, evilBody]),
      "one bit of the program": Buffer.from(good.map((byte, index) => (index === inMiddle ? byte ^ 1 : byte))),
      "half of the program": good.subarray(0, inMiddle),
    };
    for (const [what, content] of Object.entries(poisons)) {
      writeFileSync(place, content);
      expect([what, ...(await again())]).toEqual([what, "mine\n", false]);
      expect([what, ...(await again())]).toEqual([what, "mine\n", true]);
    }
    renameSync(otherPlace, place);
    expect(await again()).toEqual(["mine\n", false]);
    expect(existsSync(otherPlace)).toBe(false);
  });

  it("changes nothing for an instance that has it at hand", async () => {
    const cacheDir = join(folder(), "at-hand");
    await using(cacheDir, async (own) => {
      const spec = c(says("at hand"));
      await own.execute(spec).result;
      for (const name of entries(cacheDir)) writeFileSync(join(cacheDir, "compiled", name), "changed");
      const { stdout, compile } = await own.execute(spec).result;
      expect([stdout, compile?.cached]).toEqual(["at hand\n", true]);
    });
  });
});

describe("a run that is cancelled while its compiler runs", () => {
  const cancelled = (execution: Execution) => [execution.outcome.kind, execution.outcome.stage];

  it("ends as cancelled in that stage, and nothing of the compiler is left", async () => {
    const before = staged();
    const own = sandboxes().execute(c(neverCompiled));
    await expect.poll(() => compilers().length, { timeout: patience(10_000) }).toBe(1);
    own.cancel();
    const execution = await own.result;
    expect(cancelled(execution)).toEqual(["cancelled", "compile"]);
    expect(execution.compile?.outcome).toEqual(execution.outcome);
    await expect.poll(() => compilers().length).toBe(0);
    expect(staged()).toEqual(before);
    expect((await run(c(says("after a cancel")))).stdout).toBe("after a cancel\n");
    expect(sandboxes().stats()).toMatchObject({ running: 0, waiting: 0 });
  });

  it("ends so through its signal too", async () => {
    const controller = new AbortController();
    const own = sandboxes().execute(c(neverCompiled), { signal: controller.signal });
    await expect.poll(() => compilers().length, { timeout: patience(10_000) }).toBe(1);
    controller.abort();
    expect(cancelled(await own.result)).toEqual(["cancelled", "compile"]);
  });

  it("ends so while it waits for the compiler of another run, which goes on", async () => {
    const spec = c(`${neverCompiled}/* shared */`, { compileLimits: { timeoutMs: patience(1_500) } });
    const first = sandboxes().execute(spec);
    await expect.poll(() => compilers().length, { timeout: patience(10_000) }).toBe(1);
    const second = sandboxes().execute(spec);
    setTimeout(() => second.cancel(), 100);
    expect((await second.result).outcome.kind).toBe("cancelled");
    expect(compilers().length).toBe(1);
    expect((await first.result).outcome).toMatchObject({ kind: "timed-out", stage: "compile" });
  });

  it("ends when the sandboxes are closed, and nothing is left of it", async () => {
    const own = await openSandboxes({ languages: ["c"], cacheDir: join(folder(), "closed") });
    const going = own.execute(c(neverCompiled));
    await expect.poll(() => compilers().length, { timeout: patience(10_000) }).toBe(1);
    await own.close();
    expect((await going.result).outcome.kind).toBe("cancelled");
    expect(compilers()).toEqual([]);
  });
});

describe("the product in the sandbox of its program", () => {
  it("cannot be changed, replaced or added to by the program", async () => {
    const code = program(
      "#include <errno.h>",
      "#include <fcntl.h>",
      "#include <stdio.h>",
      "#include <string.h>",
      "#include <sys/mount.h>",
      "#include <sys/stat.h>",
      "#include <unistd.h>",
      '#define TRY(call) do { errno = 0; printf("%s\\n", (call) < 0 ? "refused" : "done: " #call); } while (0)',
      "int main(void) {",
      '  const char *own = "/glovebox/product/program";',
      "  TRY(open(own, O_WRONLY));",
      '  TRY(open("/proc/self/exe", O_WRONLY));',
      "  TRY(chmod(own, 0777));",
      "  TRY(unlink(own));",
      '  TRY(rename(own, "/glovebox/product/other"));',
      '  TRY(rename("/glovebox/product", "/glovebox/moved"));',
      '  TRY(rmdir("/glovebox/product"));',
      '  TRY(open("/glovebox/product/new", O_CREAT | O_WRONLY, 0644));',
      '  TRY(link(own, "/glovebox/linked"));',
      '  TRY(mount("none", "/glovebox/product", "tmpfs", 0, 0));',
      '  TRY(umount2("/glovebox/product", MNT_DETACH));',
      "  struct stat status;",
      "  stat(own, &status);",
      '  printf("%o\\n", status.st_mode & 07777);',
      "}",
    );
    const first = await run(c(code));
    expect(first.stdout.split("\n")).toEqual([...Array.from({ length: 11 }, () => "refused"), "555", ""]);
    const second = await run(c(code));
    expect([second.stdout, second.compile?.cached]).toEqual([first.stdout, true]);
  });

  it("is that of the program and of no other: products of other runs are not to be found", async () => {
    const hidden = c(
      program(
        "#include <stdio.h>",
        "#include <unistd.h>",
        'int main(void) { puts("ready"); fflush(stdout); sleep(60); }',
      ),
    );
    const going = sandboxes().execute(hidden);
    await untilPrinted(going, "ready\n");
    const found = await run({
      language: "lua",
      code: "for line in io.popen('find / -path /proc -prune -o -name program -print 2>/dev/null'):lines() do print(line) end",
    });
    const count = await run(
      c(
        program(
          "#include <stdlib.h>",
          'int main(void) { return system("find / -path /proc -prune -o -name program -print 2>/dev/null"); }',
        ),
      ),
    );
    going.cancel();
    await going.result;
    expect(found.stdout).toBe("");
    expect(count.stdout).toBe("/glovebox/product/program\n");
  });
});

describe("what the compiler of C is given", () => {
  it("is the sources, and none of the request's other files, nor its data", async () => {
    const code = program(
      "#include <stdio.h>",
      "#define SEEN(file) (__has_include(file))",
      '#if __has_include("value.h")',
      "#define HEADER 1",
      "#else",
      "#define HEADER 0",
      "#endif",
      '#if __has_include("data.csv") || __has_include("/glovebox/input.json") || __has_include("/glovebox/results.jsonl")',
      "#define OTHERS 1",
      "#else",
      "#define OTHERS 0",
      "#endif",
      'int main(void) { printf("%d %d %d\\n", HEADER, OTHERS, fopen("data.csv", "r") != 0); }',
    );
    const files = [
      { name: "value.h", content: "" },
      { name: "data.csv", content: "1,2\n" },
    ];
    expect((await run(c(code, { files, data: { a: 1 } }))).stdout).toBe("1 0 1\n");
  });

  it.each(["/etc/shadow", "/proc/1/environ", "/inputs", "/run/glovebox", "/root/.bashrc"])(
    "is nothing of the host: %s cannot be taken into a program",
    async (path) => {
      const { outcome, stderr } = await run(
        c(program(`__asm__(".incbin \\"${path}\\"");`, "int main(void) { return 0; }")),
      );
      expect(outcome).toMatchObject({ kind: "exited", stage: "compile" });
      expect(stderr).toMatch(/file not found|Permission denied|No such file|unable to include/);
    },
  );
});
