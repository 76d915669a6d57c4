import { defaultLimits, type Program, type Runtime } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { toyProgram } from "../../test/support/toy-program.ts";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import { runtimes } from "../languages/registry.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import { compileTask, jobBytes, placeProgram, taskOf, warmTask, withProduct } from "./task.ts";

const code = "print(1)";
const file = (name: string) => ({ name, content: "x" });

describe("inline code", () => {
  it("becomes the main file of its language, behind the other files", () => {
    const given = toyProgram({ code, args: ["a"], files: [file("data.csv")] });
    const files = [file("data.csv"), { name: "main.rb", content: code }];
    expect(placeProgram(given, { mainFile: "main.rb" })).toEqual(toyProgram({ args: ["a"], entry: "main.rb", files }));
  });

  it.each([
    [["main.rb"], "main-2.rb"],
    [["main.rb", "main-2.rb"], "main-3.rb"],
    [["main-2.rb"], "main.rb"],
    [["main.rb/inner.txt"], "main-2.rb"],
    [["lib/main.rb"], "main.rb"],
    [["Main.rb"], "main.rb"],
  ])("beside the files %j becomes %s", (names, entry) => {
    const placed = placeProgram(toyProgram({ code, files: names.map(file) }), { mainFile: "main.rb" });
    expect(placed.entry).toBe(entry);
    expect(placed.files.map(({ name }) => name)).toEqual([...names, entry]);
  });

  it("has its number before the extension, and at the end of a name that has none", () => {
    const entryBeside = (name: string) =>
      placeProgram(toyProgram({ code, files: [file(name)] }), { mainFile: name }).entry;
    expect(entryBeside("Main.test.java")).toBe("Main.test-2.java");
    expect(entryBeside("Makefile")).toBe("Makefile-2");
  });

  it.each([
    ["echo 1;", "<?php echo 1;"],
    ["\necho 1;\necho 2;", "<?php \necho 1;\necho 2;"],
    ["echo 1; ?> text", "<?php echo 1; ?> text"],
    ["<?php echo 1;", "<?php echo 1;"],
    [" <p>text</p>", " <p>text</p>"],
    ["text <?= 1 ?>", "text <?= 1 ?>"],
    ["text\n<?PHP echo 1;", "text\n<?PHP echo 1;"],
    ["#!/usr/bin/php\n<?php echo 1;", "#!/usr/bin/php\n<?php echo 1;"],
    ["#! no program", "#! no program"],
    ["$a = 1 <3;\n#! 2", "<?php $a = 1 <3;\n#! 2"],
  ])("%j, of a language whose files are text around programs, becomes %j", (text, content) => {
    const php = runtimes().find(({ name }) => name === "php") ?? toyRuntime();
    expect(php.inlineCode?.opening).toBe("<?php ");
    expect(placeProgram(toyProgram({ code: text }), php).files).toEqual([{ name: "main.php", content }]);
    const named = toyProgram({ entry: "main.php", files: [{ name: "main.php", content: text }] });
    expect(placeProgram(named, php)).toEqual(named);
  });

  it("that is no inline code stays where it is", () => {
    const named = toyProgram({ entry: "src/app.rb", files: [file("src/app.rb"), file("main.rb")] });
    expect(placeProgram(named, { mainFile: "main.rb" })).toEqual(named);
  });
});

function toolchain(change: Partial<Runtime>): Toolchain {
  const runtime = toyRuntime({
    environment: { TOY: "constant", SHADOWED: "by the request" },
    run: ["{toy}", "-I{runner}", "{product}/program", "{entry}", "{args}"],
    compile: { command: ["/bin/sh", "{runner}/compile.sh", "{toy}", "{entry}"], sources: [".toy"] },
    warm: { command: ["/bin/sh", "{runner}/warm.sh", "{product}"] },
  });
  return { runtime: { ...runtime, ...change }, tools: { toy: "/usr/bin/toy" }, folders: [], state: "" };
}

const program = toyProgram({
  entry: "src/app.toy",
  files: [file("src/app.toy"), file("data.csv"), file("sub/more.csv")],
  args: ["a b", "", "{entry}"],
  env: { SHADOWED: "mine", LANG: "C" },
  parameters: { factor: 2 },
  data: { station: "North" },
  returnVariables: ["x"],
  metadata: { who: "me" },
  limits: { ...defaultLimits, memoryBytes: 1234 },
});

const make = (change: Partial<Runtime>, own: Partial<Program> = {}) =>
  taskOf({ toolchain: toolchain(change), id: "the-id", program: { ...program, ...own } });
const parse = (data: Buffer | undefined) => JSON.parse((data ?? Buffer.alloc(0)).toString());
const environmentOf = (own: Partial<Program>) => parse(make({}, own).body).environment;
const fileOf = (task: ReturnType<typeof make>, name: string) =>
  task.job?.files.find((each) => each.name === name)?.data;

describe("the task of a program that a command runs", () => {
  it("is the command with everything filled in, arguments as they are", () => {
    expect(parse(make({}).body).command).toEqual([
      "/usr/bin/toy",
      "-I/opt/glovebox/toy",
      "/glovebox/product/program",
      "/workspace/src/app.toy",
      "a b",
      "",
      "{entry}",
    ]);
  });

  it("has the environment of the sandbox, the language, the job and the request, the later over the earlier", () => {
    expect(environmentOf({})).toEqual({
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: "/workspace",
      USER: "sandbox",
      LOGNAME: "sandbox",
      SHELL: "/bin/sh",
      TMPDIR: "/tmp",
      TERM: "dumb",
      XDG_CACHE_HOME: "/tmp/.cache",
      OPENBLAS_NUM_THREADS: "1",
      OMP_NUM_THREADS: "1",
      MKL_NUM_THREADS: "1",
      TOY: "constant",
      SHADOWED: "mine",
      LANG: "C",
      PARAM_FACTOR: "2",
      INPUT_DATA: '{"station":"North"}',
      UPLOADED_FILES: "data.csv\nsub/more.csv",
      WORKSPACE: "/workspace",
      JOB_ID: "the-id",
      GLOVEBOX_INPUT: "/glovebox/input.json",
      GLOVEBOX_RESULTS: "/glovebox/results.jsonl",
      GLOVEBOX_MEMORY_BYTES: "1234",
    });
  });

  it("puts the folders of an operator's tools before the system's", () => {
    const shown = { ...toolchain({}), tools: { toy: "/opt/toy/bin/toy", sh: "/bin/sh" }, folders: ["/opt/toy"] };
    const task = taskOf({ toolchain: shown, id: "i", program });
    expect(parse(task.body).environment.PATH).toBe("/opt/toy/bin:/bin:/usr/local/bin:/usr/bin");
  });

  it("has a job folder with the input and an empty file of results", () => {
    const { job } = make({});
    expect(job?.files.map(({ name }) => name)).toEqual(["input.json", "results.jsonl"]);
    expect(job?.files[1]?.data.length).toBe(0);
    expect(parse(job?.files[0]?.data)).toEqual({
      parameters: { factor: 2 },
      data: { station: "North" },
      uploadedFiles: ["data.csv", "sub/more.csv"],
      workspace: "/workspace",
      jobId: "the-id",
    });
    expect(job?.product).toBeNull();
    expect(job?.collectProduct).toBe(false);
  });

  it("has the compiler's product when there is one, and everything else as it was", () => {
    const task = make({});
    const { body, job } = withProduct(task, "products/abc");
    expect(body).toBe(task.body);
    expect(job).toEqual({ ...task.job, product: { staged: "products/abc" } });
  });

  it("uses whole pages of the sandbox's disk for its files", () => {
    expect(jobBytes(make({}))).toBe(4_096);
    expect(jobBytes(make({}, { data: "x".repeat(4_096) }))).toBe(8_192);
  });

  it("says null for data and {} for parameters that there are not", () => {
    const task = make({}, { data: null, parameters: {} });
    expect(parse(fileOf(task, "input.json"))).toMatchObject({ parameters: {}, data: null });
    expect(Object.keys(parse(task.body).environment).filter((name) => /^(PARAM_|INPUT_DATA)/.test(name))).toEqual([]);
  });

  it("has U+FFFD in the place of halves of characters, which no command line can hold", () => {
    const own = { args: ["a\ud800b", "\udc00", "𝄞", "\\ud800"], env: { HALF: "\ud834" }, data: ["\ud800", "\\ud800"] };
    const task = make({}, own);
    const { command, environment } = parse(task.body);
    expect(command.slice(-4)).toEqual(["a\ufffdb", "\ufffd", "𝄞", "\\ud800"]);
    expect(environment.HALF).toBe("\ufffd");
    expect(parse(fileOf(task, "input.json")).data).toEqual(["\ufffd", "\\ud800"]);
  });
});

describe("the variables of a job", () => {
  it("give parameters by name in capitals: texts as they are, everything else as JSON", () => {
    const parameters = {
      text: 'a "b"\n',
      empty: "",
      number: 1.5,
      nothing: null,
      flag: false,
      list: [1, "a"],
      "a-b.c": 1,
      é1: 2,
    };
    expect(environmentOf({ parameters })).toMatchObject({
      PARAM_TEXT: 'a "b"\n',
      PARAM_EMPTY: "",
      PARAM_NUMBER: "1.5",
      PARAM_NOTHING: "null",
      PARAM_FLAG: "false",
      PARAM_LIST: '[1,"a"]',
      PARAM_A_B_C: "1",
      PARAM__1: "2",
    });
  });

  it("leave out a text that no variable can hold, because it has a NUL", () => {
    const environment = environmentOf({ parameters: { bad: "a\0b", good: "ab", nested: ["\0"] } });
    expect([environment.PARAM_BAD, environment.PARAM_GOOD, environment.PARAM_NESTED]).toEqual([
      undefined,
      "ab",
      '["\\u0000"]',
    ]);
  });

  it.each([
    ["falsy", 0, "0"],
    ["falsy", false, "false"],
    ["falsy", "", '""'],
    ["a text", "a b", '"a b"'],
  ])("give data that is %s as JSON", (_, data, text) => {
    expect(environmentOf({ data }).INPUT_DATA).toBe(text);
  });

  it("do not give data that is null or over 100 KiB, which the file has all the same", () => {
    expect(environmentOf({ data: null }).INPUT_DATA).toBeUndefined();
    const fits = "x".repeat(100 * 1024 - "INPUT_DATA".length - 2);
    expect(environmentOf({ data: fits }).INPUT_DATA).toBe(`"${fits}"`);
    expect(environmentOf({ data: `${fits}x` }).INPUT_DATA).toBeUndefined();
    expect(environmentOf({ data: "€".repeat(35_000) }).INPUT_DATA).toBeUndefined();
    expect(parse(fileOf(make({}, { data: `${fits}x` }), "input.json")).data).toBe(`${fits}x`);
  });

  it("do not give a parameter or a list of files over 100 KiB: the program could not be started", () => {
    const parameters = { large: "x".repeat(101 * 1024), deep: [["x".repeat(101 * 1024)]], small: "x" };
    const files = [...program.files, ...Array.from({ length: 500 }, (_, index) => file(`${index}-${"n".repeat(240)}`))];
    const environment = environmentOf({ parameters, files });
    expect(Object.keys(environment).filter((name) => name.startsWith("PARAM_"))).toEqual(["PARAM_SMALL"]);
    expect(environment.UPLOADED_FILES).toBeUndefined();
    expect(parse(fileOf(make({}, { parameters, files }), "input.json"))).toMatchObject({ parameters });
  });

  it("give no more than 1 MiB together", () => {
    const parameters = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`p${index}`, "x".repeat(90 * 1024)]),
    );
    const environment: Record<string, string> = environmentOf({ parameters });
    const bytes = Object.entries(environment).reduce((sum, [name, text]) => sum + name.length + text.length + 2, 0);
    expect(bytes).toBeLessThan(1024 * 1024 + 4096);
    expect(environment).toMatchObject({
      PARAM_P0: expect.any(String),
      PARAM_P10: expect.any(String),
      JOB_ID: "the-id",
    });
    expect(environment).not.toHaveProperty("PARAM_P11");
  });

  it("give way to what the request names", () => {
    expect(environmentOf({ env: { PARAM_FACTOR: "mine", JOB_ID: "mine" } })).toMatchObject({
      PARAM_FACTOR: "mine",
      JOB_ID: "mine",
    });
  });
});

describe("the task of a parked program", () => {
  const parked: Partial<Runtime> = { start: "park", park: ["{toy}"] };

  it("is a JSON object in the job folder, and nothing travels beside it", () => {
    const task = make(parked);
    expect(task.body.length).toBe(0);
    expect(task.job?.files.map(({ name }) => name)).toEqual(["input.json", "results.jsonl", "task.json"]);
    const { env, ...rest } = parse(fileOf(task, "task.json"));
    expect(rest).toEqual({
      entry: "/workspace/src/app.toy",
      args: ["a b", "", "{entry}"],
      parameters: { factor: 2 },
      data: { station: "North" },
      uploadedFiles: ["data.csv", "sub/more.csv"],
      returnVariables: ["x"],
      jobId: "the-id",
      context: {
        execution_id: "the-id",
        session: null,
        cycle: null,
        metadata: { who: "me" },
        capabilities: [],
        job_id: "the-id",
      },
      workspace: "/workspace",
    });
    expect(env).toMatchObject({ TOY: "constant", SHADOWED: "mine", PARAM_FACTOR: "2", HOME: "/workspace" });
  });

  it("is words that end with NUL bytes, for a runner that reads those", () => {
    const task = make({ ...parked, taskFormat: "words" });
    expect(task.job?.files.map(({ name }) => name)).toEqual(["input.json", "results.jsonl", "task.words"]);
    const words = (fileOf(task, "task.words") ?? Buffer.alloc(0)).toString().split("\0");
    expect(words.pop()).toBe("");
    expect(words.slice(0, 5)).toEqual(["/workspace/src/app.toy", "3", "a b", "", "{entry}"]);
    const pairs = Object.fromEntries(
      words.slice(5).map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
    );
    expect(pairs).toEqual(parse(make({}).body).environment);
  });

  it("is words without arguments too, and an argument may look like a variable", () => {
    const words = (own: Partial<Program>) =>
      (fileOf(make({ ...parked, taskFormat: "words" }, own), "task.words") ?? Buffer.alloc(0)).toString().split("\0");
    expect(words({ args: [] }).slice(0, 3)).toEqual(["/workspace/src/app.toy", "0", expect.stringMatching(/^PATH=/)]);
    expect(words({ args: ["A=b\nc"] }).slice(0, 4)).toEqual([
      "/workspace/src/app.toy",
      "1",
      "A=b\nc",
      expect.stringMatching(/^PATH=/),
    ]);
  });
});

describe("the task of a forked program", () => {
  it("travels beside the inputs, and there is no job folder and no variable of the job", () => {
    const task = make({ start: "fork" }, { code: "1" });
    expect(task.job).toBeNull();
    expect(jobBytes(task)).toBe(0);
    const { code: inline, entry, env } = parse(task.body);
    expect([inline, entry]).toEqual(["1", "src/app.toy"]);
    expect(Object.keys(env).filter((name) => /^(PARAM_|INPUT_DATA|JOB_ID|GLOVEBOX_)/.test(name))).toEqual([]);
  });
});

describe("the task of a compiler", () => {
  it("is its command, with nothing of the request but the place of its entry, and its product comes out", () => {
    const { body, job } = compileTask(toolchain({}), "src/app.toy", ["-x"], 1234);
    const { command, environment } = parse(body);
    expect(command).toEqual(["/bin/sh", "/opt/glovebox/toy/compile.sh", "/usr/bin/toy", "/workspace/src/app.toy"]);
    expect(environment).toMatchObject({ TOY: "constant", SHADOWED: "by the request", GLOVEBOX_MEMORY_BYTES: "1234" });
    expect(
      Object.keys(environment).filter((name) => /^(PARAM_|INPUT_DATA|UPLOADED|JOB_ID|GLOVEBOX_)/.test(name)),
    ).toEqual(["GLOVEBOX_MEMORY_BYTES"]);
    expect(job).toEqual({ files: [], product: null, collectProduct: true });
  });

  it("has the options of the request where its command has the place for them, as words that nothing is done to", () => {
    const options = ["-DX=a b\"'", "-DY=$(id);{entry}", "-l*"];
    const compile = { ...toolchain({}).runtime.compile, command: ["{toy}", "{entry}", "{options}", "-lm"] };
    const { runtime } = toolchain({});
    const asked = toyRuntime({ run: runtime.run, compile });
    const { body } = compileTask({ ...toolchain({}), runtime: asked }, "app.toy", options, 1234);
    expect(parse(body).command).toEqual(["/usr/bin/toy", "/workspace/app.toy", ...options, "-lm"]);
  });

  it("that makes what is kept ready is its command too", () => {
    const { body, job } = warmTask(toolchain({}), 1234);
    expect(parse(body).command).toEqual(["/bin/sh", "/opt/glovebox/toy/warm.sh", "/glovebox/product"]);
    expect(job).toEqual({ files: [], product: null, collectProduct: true });
  });
});
