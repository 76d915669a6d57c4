// Depends on: identity, cgroups.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { borrowLanguage, sendsFrame } from "./support/borrowed-language.ts";
import { exited } from "./support/outcomes.ts";
import { commandOf, descendants } from "./support/processes.ts";
import { program, sharedSandboxes, temporaryFolder, untilPrinted } from "./support/sandboxes.ts";

const { name: language } = borrowLanguage();
const folder = temporaryFolder();
const sandboxes = sharedSandboxes(() => ({ languages: [language], cacheDir: join(folder(), "cache") }));

/** A program whose compiler does what the lines say, and which does itself what `own` says. */
function compiling(lines: readonly string[], own = "echo ran", more: ExecutionSpec = {}): ExecutionSpec {
  return { language, code: program(...lines, "cat >/glovebox/product/program <<'END'", own, "END"), ...more };
}
const run = (spec: ExecutionSpec) => sandboxes().execute(spec).result;

describe("a compiler", () => {
  it("is given nothing of the request but its sources: no variable, no data, no standard input, no arguments", async () => {
    const spec = compiling(
      [
        'echo "arguments: $#"',
        'echo "stdin: $(wc -c)"',
        "find /workspace /glovebox -mindepth 1 | sort",
        "env | cut -d= -f1 | grep -vE '^(_|PWD|OLDPWD|SHLVL)$' | sort | tr '\\n' ' '",
      ],
      "echo ran",
      {
        files: [
          { name: "part.toy", content: "" },
          { name: "sub/other.toy", content: "" },
          { name: "data.csv", content: "1" },
        ],
        stdin: "secret",
        args: ["secret"],
        env: { SECRET: "secret" },
        parameters: { secret: "secret" },
        data: "secret",
        metadata: { secret: "secret" },
      },
    );
    const { compile, outcome } = await run(spec);
    expect(outcome).toEqual(exited(0));
    expect(compile?.stdout.split("\n")).toEqual([
      "arguments: 0",
      "stdin: 0",
      "/glovebox/product",
      "/workspace/main.toy",
      "/workspace/part.toy",
      "/workspace/sub",
      "/workspace/sub/other.toy",
      [
        "GLOVEBOX_MEMORY_BYTES HOME LANG LOGNAME MKL_NUM_THREADS OMP_NUM_THREADS OPENBLAS_NUM_THREADS PATH SHELL",
        "TERM TMPDIR USER XDG_CACHE_HOME ",
      ].join(" "),
    ]);
  });

  it("has no descriptor but its streams and that of messages", async () => {
    const { compile } = await run(
      compiling(["for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && echo $n; done"]),
    );
    expect(compile?.stdout).toBe("0\n1\n2\n4\n"); // the shell has its script open from 10 on
  });

  it("is killed with all that it started when it ends, and its product is what is there then", async () => {
    const spec = compiling(
      ["(sleep 600; echo late >/glovebox/product/late) &", "setsid sleep 54322 &"],
      "ls /glovebox/product",
    );
    expect((await run(spec)).stdout).toBe("program\n");
    expect(descendants().filter(({ pid }) => commandOf(pid).includes("54322"))).toEqual([]);
  });

  it("that is ended by a signal ends the run in its stage", async () => {
    const { outcome, compile } = await run(compiling(["kill -KILL $$"]));
    expect(outcome).toEqual({ kind: "signalled", signal: "SIGKILL", stage: "compile", violations: [] });
    expect(compile?.outcome).toEqual(outcome);
  });

  it("that fails after it made a product has none", async () => {
    const spec: ExecutionSpec = { language, code: "echo 'echo ran' >/glovebox/product/program; exit 7" };
    for (const _ of [1, 2]) {
      const { outcome, stdout, compile } = await run(spec);
      expect([outcome, stdout]).toEqual([exited(7, "compile"), ""]);
      expect(compile?.cached).toBe(false);
    }
  });

  it("keeps its output apart from that of its program", async () => {
    const { stdout, stderr, compile } = await run(
      compiling(["echo compiling", "echo warning >&2"], "echo ran; echo bad >&2"),
    );
    expect([stdout, stderr]).toEqual(["ran\n", "bad\n"]);
    expect([compile?.stdout, compile?.stderr]).toEqual(["compiling\n", "warning\n"]);
  });

  it("that pretends to be a program is not believed: no result, no error, no display, no progress of it counts", async () => {
    const frame = (message: object) => sendsFrame(JSON.stringify(message));
    const { results, error, value, warnings } = await run(
      compiling([
        frame({ type: "result", name: "mine", value: 1 }),
        frame({ type: "value", value: 1 }),
        frame({ type: "warning", message: "mine" }),
        frame({ type: "error", error: { type: "E", message: "", traceback: "", frames: [], line: null } }),
        'echo \'{"name": "mine", "value": 1}\' >/glovebox/results.jsonl',
      ]),
    );
    expect({ results, error, value, warnings }).toEqual({ results: {}, error: null, value: null, warnings: [] });
  });
});

describe("the limits of a compiler hold", () => {
  const stage = "compile";

  it("for CPU time", async () => {
    const { outcome } = await run(compiling(["while :; do :; done"], "", { compileLimits: { cpuMs: 300 } }));
    expect(outcome).toEqual({ kind: "timed-out", limit: "cpuMs", stage, violations: [] });
  });

  it("for the size of what it makes", async () => {
    const spec = compiling(["head -c 64M /dev/zero >/glovebox/product/large"], "", {
      compileLimits: { diskBytes: 1024 * 1024 },
    });
    expect((await run(spec)).outcome).toMatchObject({ kind: "disk-limit", stage });
  });

  it("for processes", async () => {
    const lines = ["for i in 1 2 3 4 5 6 7 8 9; do sleep 600 & done", "wait"];
    const spec = compiling(lines, "", { compileLimits: { processes: 4 } });
    const { outcome } = await run(spec);
    expect(outcome.stage).toBe(stage);
    expect(outcome.kind).not.toBe("timed-out");
    expect("violations" in outcome && outcome.violations).toEqual(["processes"]);
  });
});

describe("what a compiler leaves as its product", () => {
  const listing = "cd /glovebox/product && find . -mindepth 1 -printf '%P %y %#m\\n' | sort";

  it("comes with its folders, and every file can be read and executed and not be written", async () => {
    const { stdout } = await run(
      compiling(
        [
          "cd /glovebox/product",
          "mkdir -p a/b",
          "echo 1 >a/b/plain; echo 2 >.hidden; echo 3 >closed; echo 4 >setuid; : >empty",
          "ln closed linked",
          "chmod 0000 closed; chmod 6777 setuid; chmod 0700 a; chmod 0500 a/b",
        ],
        `${listing}; cat closed linked a/b/plain .hidden`,
      ),
    );
    expect(stdout).toBe(
      program(
        ".hidden f 0555",
        "a d 0755",
        "a/b d 0755",
        "a/b/plain f 0555",
        "closed f 0555",
        "empty f 0555",
        "linked f 0555",
        "program f 0555",
        "setuid f 0555",
        "3\n3\n1\n2",
      ),
    );
  });

  it("is its regular files alone: no link, no pipe, no socket, no empty folder", async () => {
    const { stdout } = await run(
      compiling(
        [
          "cd /glovebox/product",
          "ln -s /etc/passwd link-out; ln -s program link-in; ln -s / folder-link; ln -s nowhere dangling",
          "mkfifo pipe; mkdir empty",
          "perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un(\"socket\"))'",
        ],
        listing,
      ),
    );
    expect(stdout).toBe("program f 0555\n");
  });

  it("may be deep and of many files", async () => {
    const { stdout } = await run(
      compiling(
        [
          "cd /glovebox/product",
          "for i in $(seq 30); do mkdir d$i; cd d$i; for j in $(seq 25); do echo $j >f$j; done; done",
        ],
        "find /glovebox/product -type f | wc -l",
      ),
    );
    expect(stdout).toBe("751\n");
  });

  it.each([
    ["a link to a folder with a program of its own", "mkdir /tmp/x; echo 'echo mine' >/tmp/x/program; ln -s /tmp/x"],
    ["a link to a folder of the system", "ln -s /usr/bin"],
    ["a pipe", "mkfifo"],
    ["a file", "touch"],
  ])("is nothing when its folder was replaced by %s", async (_, replace) => {
    const code = `rm -r /glovebox/product; ${replace} /glovebox/product`;
    const { outcome, stdout, compile } = await run({ language, code });
    expect([outcome, stdout]).toEqual([exited(2), ""]);
    expect(compile?.outcome).toMatchObject({ kind: "exited", code: 0 });
  });

  it("is nothing when its folder is gone, and what the compiler left elsewhere does not count", async () => {
    const code = "echo 'echo mine' >/workspace/program; echo 'echo mine' >/tmp/program; rm -r /glovebox/product";
    expect((await run({ language, code })).outcome).toEqual(exited(2));
  });

  it("is what the last folder in its place had", async () => {
    const code =
      "mv /glovebox/product /glovebox/old; mkdir /glovebox/product; echo 'echo moved' >/glovebox/product/program";
    expect((await run({ language, code })).stdout).toBe("moved\n");
  });

  it("does not go along with the program's own files: what a run writes is not in the next one", async () => {
    const spec = compiling([], "ls /glovebox /workspace /tmp; touch /glovebox/x /workspace/x /tmp/x");
    const [first, second] = [await run(spec), await run(spec)];
    expect(second.compile?.cached).toBe(true);
    expect(second.stdout).toBe(first.stdout);
    expect(first.artifacts.map(({ path }) => path)).toEqual(["x"]);
  });
});

describe("the products of others", () => {
  it("are not to be found, read or replaced by a compiler, nor by a program", async () => {
    const marker = "marker-of-another-program";
    const going = sandboxes().execute(compiling([`touch /glovebox/product/${marker}`], "echo ready; sleep 60"));
    await untilPrinted(going, "ready\n");
    const look = [
      `find / -path /proc -prune -o -name '${marker}*' -print 2>/dev/null`,
      "ls -d /inputs/* /inputs/products/* /run/* 2>/dev/null",
      "mkdir -p /inputs/products 2>/dev/null && touch /inputs/products/x && echo wrote",
      "grep -E ' /(inputs|run) ' /proc/self/mountinfo",
      "true",
    ];
    const { stdout, compile } = await run(compiling(look, program(...look)));
    going.cancel();
    await going.result;
    expect([compile?.stdout, stdout]).toEqual(["", ""]);
  });

  it("are made by others: of two programs that differ in a byte each has its own", async () => {
    const both = await Promise.all([1, 2].map((number) => run(compiling(["sleep 0.2"], `echo ${number}`))));
    expect(both.map(({ stdout }) => stdout)).toEqual(["1\n", "2\n"]);
    expect(both.map(({ compile }) => compile?.cached)).toEqual([false, false]);
  });
});
