// Depends on: identity.
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { program, sharedSandboxes } from "./support/sandboxes.ts";

const sandboxes = sharedSandboxes();
const run = (spec: ExecutionSpec | string) =>
  sandboxes().execute(typeof spec === "string" ? { code: spec } : spec).result;
const fine = { kind: "exited", code: 0, stage: "run", violations: [] };

describe("what a Python program gives back", () => {
  it("is the value of its last expression", async () => {
    const execution = await run("x = 20\n{'answer': [x * 2 + 2, 1.5, None, True, 'text']}");
    expect(execution.value).toEqual({ answer: [42, 1.5, null, true, "text"] });
    expect(execution.outcome).toEqual(fine);
    expect(execution.language).toBe("python");
    expect(execution.error).toBe(null);
    expect(execution.status).toBe("finished");
  });

  it("is no value when the last statement is no expression", async () => {
    expect((await run("42\nx = 1")).value).toBe(null);
  });

  it("is a description where JSON has no word for a value", async () => {
    const { value } = await run("{1, 2}");
    expect(value).toEqual({ $type: "builtins.set", repr: "{1, 2}", length: 2, items: [1, 2] });
    expect((await run("2 ** 60")).value).toMatchObject({ $type: "builtins.int", repr: "1152921504606846976" });
  });

  it("are the results that it saved, the last of a name", async () => {
    const execution = await run("save_result('a', 1)\nsave_result('b', [1, 2])\nsave_result('a', {'x': 2})");
    expect(execution.results).toEqual({ a: { x: 2 }, b: [1, 2] });
  });

  it("are the variables that were asked for, and a warning for one that is not there", async () => {
    const execution = await run({ code: "a = [1, 2]\nb = 'text'\nc = 3", returnVariables: ["a", "b", "missing"] });
    expect(execution.variables).toEqual({ a: [1, 2], b: "text" });
    expect(execution.warnings).toEqual(["returnVariables: the program has no global variable 'missing'"]);
  });

  it("are variables also when it failed", async () => {
    const execution = await run({ code: "a = 1\n1 / 0", returnVariables: ["a"] });
    expect(execution.variables).toEqual({ a: 1 });
    expect(execution.outcome).toEqual({ ...fine, code: 1 });
  });

  it("are displays, in order", async () => {
    const code = program(
      "class Rich:",
      "    def _repr_html_(self): return '<b>rich</b>'",
      "    def __repr__(self): return 'plain'",
      "display('one', 2)",
      "display(Rich())",
    );
    const { displays } = await run(code);
    expect(displays.map((entry) => entry["text/plain"])).toEqual(["one", "2", "plain"]);
    expect(displays[2]?.["text/html"]).toBe("<b>rich</b>");
  });
});

describe("how a Python program ends", () => {
  it.each([
    ["raise SystemExit", 0],
    ["import sys; sys.exit(0)", 0],
    ["import sys; sys.exit(3)", 3],
    ["import sys; sys.exit(255)", 255],
    ["import sys; sys.exit(256 + 7)", 7],
    ["import os; os._exit(9)", 9],
    ["raise ValueError('x')", 1],
    ["def broken(:", 1],
  ])("%s exits with %i", async (code, status) => {
    expect((await run(code)).outcome).toEqual({ ...fine, code: status });
  });

  it.each(["SIGSEGV", "SIGKILL", "SIGTERM", "SIGABRT", "SIGUSR1", "SIGFPE"])(
    "by a signal it names the signal: %s",
    async (name) => {
      const execution = await run(
        `import os, signal\nprint('before', flush=True)\nos.kill(os.getpid(), signal.${name})\nimport time; time.sleep(60)`,
      );
      expect(execution.outcome).toEqual({ kind: "signalled", signal: name, stage: "run", violations: [] });
      expect(execution.stdout).toBe("before\n");
    },
  );

  it("by a real-time signal it gives the number", async () => {
    const execution = await run("import os\nos.kill(os.getpid(), 40)");
    expect(execution.outcome).toEqual({ kind: "signalled", signal: "SIG40", stage: "run", violations: [] });
  });

  it("when its main process ends, whatever its children do", async () => {
    const execution = await run(
      "import subprocess\nsubprocess.Popen(['/bin/sh', '-c', 'sleep 60; echo late'])\nprint('end')",
    );
    expect(execution.outcome).toEqual(fine);
    expect(execution.stdout).toBe("end\n");
    expect(execution.metrics.wallMs).toBeLessThan(30_000);
  });

  it("with an uncaught error tells type, message, line and frames of the program alone", async () => {
    const code = program("def inner(x):", "    return 1 / x", "", "def outer():", "    inner(0)", "", "outer()");
    const execution = await run(code);
    expect(execution.outcome).toEqual({ ...fine, code: 1 });
    expect(execution.error).toEqual({
      type: "ZeroDivisionError",
      message: "division by zero",
      line: 2,
      traceback: execution.stderr,
      frames: [
        { file: "main.py", line: 7, function: "<module>", source: "outer()" },
        { file: "main.py", line: 5, function: "outer", source: "inner(0)" },
        { file: "main.py", line: 2, function: "inner", source: "return 1 / x" },
      ],
    });
    expect(execution.stderr).toMatch(
      /^Traceback \(most recent call last\):\n {2}File "main.py", line 7, in <module>\n/,
    );
    expect(execution.stderr).toMatch(/\nZeroDivisionError: division by zero\n$/);
    expect(execution.stderr).not.toContain("runners");
  });

  it("with a syntax error tells its line", async () => {
    const { error, stdout } = await run("print('never')\n\nfor x in [1, 2\n    print(x)\n");
    expect([error?.type, error?.line, stdout]).toEqual(["SyntaxError", 3, ""]);
    expect(error?.frames).toEqual([{ file: "main.py", line: 3, function: "<module>", source: "for x in [1, 2" }]);
  });

  it("with an error in a file of its own names that file and the line there", async () => {
    const files = [
      { name: "main.py", content: "import helper\n\nhelper.fail()\n" },
      { name: "helper.py", content: "def fail():\n    raise KeyError('lost')\n" },
    ];
    const { error } = await run({ files, entry: "main.py" });
    expect([error?.type, error?.message, error?.line]).toEqual(["KeyError", "'lost'", 2]);
    expect(error?.frames.map(({ file, line }) => [file, line])).toEqual([
      ["main.py", 3],
      ["helper.py", 2],
    ]);
  });

  it("in an endless recursion is an error like any other", async () => {
    const { error, outcome } = await run("def f(): f()\nf()");
    expect(error?.type).toBe("RecursionError");
    expect(outcome).toEqual({ ...fine, code: 1 });
  });
});

describe("what a Python program is given", () => {
  it("are its arguments", async () => {
    const execution = await run({ code: "import sys\nsys.argv", args: ["--flag", "two words", "", "ünï'\"$(x)"] });
    expect(execution.value).toEqual(["main.py", "--flag", "two words", "", "ünï'\"$(x)"]);
  });

  it("is exactly the base environment and what the caller gives, and nothing of the host's", async () => {
    process.env.GLOVEBOX_TEST_SECRET = "of the host";
    const env = { GIVEN: "value with spaces = and €", TERM: "xterm", EMPTY: "" };
    const execution = await run({ code: "import os\ndict(os.environ)", env });
    expect(execution.value).toEqual({
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: "/workspace",
      USER: "sandbox",
      LOGNAME: "sandbox",
      SHELL: "/bin/sh",
      TMPDIR: "/tmp",
      LANG: "C.UTF-8",
      TERM: "xterm",
      PYTHONDONTWRITEBYTECODE: "1",
      MPLBACKEND: "agg",
      MPLCONFIGDIR: "/tmp/matplotlib",
      XDG_CACHE_HOME: "/tmp/.cache",
      OPENBLAS_NUM_THREADS: "1",
      OMP_NUM_THREADS: "1",
      MKL_NUM_THREADS: "1",
      GIVEN: "value with spaces = and €",
      EMPTY: "",
    });
    const child = await run({
      code: "import subprocess\nprint(subprocess.check_output(['/usr/bin/env'], text=True))",
      env,
    });
    expect(child.stdout).toContain("GIVEN=value with spaces = and €\n");
    expect(child.stdout).not.toContain("SECRET");
    delete process.env.GLOVEBOX_TEST_SECRET;
  });

  it("are parameters, data and the names of its files", async () => {
    const execution = await run({
      code: "[parameters, data, input_data is data, uploaded_files, workspace]",
      parameters: { rate: 0.5, tags: ["a"], none: null },
      data: { rows: [[1, "x"]] },
      files: [
        { name: "in/a.csv", content: "" },
        { name: "b.txt", content: "" },
      ],
    });
    expect(execution.value).toEqual([
      { rate: 0.5, tags: ["a"], none: null },
      { rows: [[1, "x"]] },
      true,
      ["in/a.csv", "b.txt"],
      "/workspace",
    ]);
  });

  it("is a context with its own id and the metadata of the caller", async () => {
    const going = sandboxes().execute({
      code: "[job_id, context.execution_id, context.job_id, context.session, context.metadata]",
      metadata: { user: "u1", nested: { n: 1 } },
    });
    const execution = await going.result;
    expect(execution.value).toEqual([going.id, going.id, going.id, null, { user: "u1", nested: { n: 1 } }]);
    expect(execution.metadata).toEqual({ user: "u1", nested: { n: 1 } });
    expect(execution.id).toBe(going.id);
  });

  it("are helpers for files, by name and as a module", async () => {
    const code = program(
      "import glovebox",
      "save_file('out/a.json', {'x': [1, 2]})",
      "glovebox.save_file('b.txt', 'text')",
      "[load_file('out/a.json'), load_file('b.txt'), load_file('in.jsonl')[1]['n']]",
    );
    const execution = await run({ code, files: [{ name: "in.jsonl", content: '{"n": 1}\n{"n": 2}\n' }] });
    expect([execution.value, execution.error]).toEqual([[{ x: [1, 2] }, "text", 2], null]);
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["b.txt", "out/a.json"]);
  });

  it("is an empty working directory of its own", async () => {
    const { value } = await run(
      "import os\n[os.getcwd(), os.listdir('.'), os.listdir('/tmp'), os.listdir('/dev/shm'), os.path.expanduser('~')]",
    );
    expect(value).toEqual(["/workspace", [], [], [], "/workspace"]);
  });

  it("is a shell that works", async () => {
    const code = "import subprocess\nsubprocess.run('echo $((6*7)) | tee file; pwd; whoami', shell=True)";
    const { stdout } = await run(code);
    expect(stdout).toBe(`42\n/workspace\n${sandboxes().isolation.uids === "separate" ? "sandbox" : "root"}\n`);
  });

  it("are threads, processes and pipes as anywhere", async () => {
    const code = program(
      "from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor",
      "import multiprocessing",
      "if __name__ == '__main__':",
      "    with ThreadPoolExecutor(4) as pool: print(sum(pool.map(abs, range(-10, 0))))",
      "    with ProcessPoolExecutor(2) as pool: print(sum(pool.map(abs, range(-10, 0))))",
    );
    const { stdout, stderr, outcome } = await run(code);
    expect([stdout, stderr, outcome]).toEqual(["55\n55\n", "", fine]);
  });
});

describe("between two programs", () => {
  it("randomness differs", async () => {
    const code = program(
      "import os, random, secrets, tempfile, uuid",
      "[random.random(), random.getrandbits(64), secrets.token_hex(8), str(uuid.uuid4()), os.urandom(8).hex(), tempfile.mktemp()]",
    );
    const runs = await Promise.all(Array.from({ length: 4 }, () => run(code)));
    const columns = [0, 1, 2, 3, 4, 5].map(
      (index) => new Set(runs.map(({ value }) => JSON.stringify((value as unknown[])[index]))).size,
    );
    expect(columns).toEqual([4, 4, 4, 4, 4, 4]);
  });

  it("nothing is carried over: no file, no variable, no module, no process, no host name", async () => {
    const first = program(
      "import os, sys, builtins, json, random, subprocess",
      "for path in ('/workspace/x', '/tmp/x', '/dev/shm/x', '/var/tmp/x'): open(path, 'w').write('x')",
      "os.environ['LEFT'] = '1'",
      "builtins.left = json.left = sys.left = 1",
      "random.seed(1)",
      "subprocess.Popen(['/bin/sleep', '60'], start_new_session=True)",
      "sys.path.append('/left')",
      "os.umask(0)",
      "os.nice(5)",
    );
    const second = program(
      "import os, sys, builtins, json",
      "found = [path for path in ('/workspace/x', '/tmp/x', '/dev/shm/x', '/var/tmp/x') if os.path.exists(path)]",
      "found += [name for name in ('LEFT',) if name in os.environ]",
      "found += [str(module) for module in (builtins, json, sys) if hasattr(module, 'left')]",
      "found += [entry for entry in sys.path if 'left' in entry]",
      "found += [name for name in os.listdir('/proc') if name.isdigit() and name not in ('1', str(os.getpid()))]",
      "[found, os.umask(0), os.nice(0), os.uname().nodename]",
    );
    expect((await run(first)).outcome).toEqual(fine);
    for (let round = 0; round < 3; round++) expect((await run(second)).value).toEqual([[], 0o022, 0, "sandbox"]);
  });
});

it("a warning that comes while a helper works names the line of the program", async () => {
  const code = `import warnings
class Table:
    def _repr_html_(self):
        warnings.warn("wide", stacklevel=2)
        return "<table>"
display(Table())`;
  expect((await run(code)).stderr).toBe("main.py:6: UserWarning: wide\n  display(Table())\n");
});
