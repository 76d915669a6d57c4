import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Runtime, runtimeSchema } from "@glovebox/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { runtimes } from "../src/languages/registry.ts";
import { patience } from "./support/patience.ts";
import {
  allEvents,
  openSandboxes,
  problemOf,
  program,
  sharedSandboxes,
  temporaryFolder,
  untilPrinted,
} from "./support/sandboxes.ts";

const MIB = 1024 * 1024;
const folder = temporaryFolder();
const sandboxes = sharedSandboxes({ languages: ["perl", "lua"] });
const run = (spec: ExecutionSpec) => sandboxes().execute(spec).result;
const perl = (lines: string | readonly string[], more: ExecutionSpec = {}) =>
  run({ language: "perl", code: typeof lines === "string" ? lines : program(...lines), ...more });
const exited = (code: number) => ({ kind: "exited", code, stage: "run", violations: [] });
const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

describe("the standard input of a program", () => {
  const count = [
    "use Digest::SHA 'sha256_hex';",
    "binmode STDIN; local $/; my $all = <STDIN> // '';",
    "print length($all), ' ', sha256_hex($all), \"\\n\";",
  ];

  it("is at its end when none is given", async () => {
    expect((await perl(count)).stdout).toBe(`0 ${sha256("")}\n`);
  });

  it("comes from memory, byte for byte, small and large", async () => {
    for (const size of [1, 100_000, MIB - 1, MIB, 3 * MIB]) {
      const stdin = randomBytes(size);
      expect((await perl(count, { stdin })).stdout).toBe(`${size} ${sha256(stdin)}\n`);
    }
  });

  it("comes from a path, byte for byte, small and large", async () => {
    for (const size of [0, 10, 2 * MIB]) {
      const path = join(folder(), `stdin-${size}`);
      const content = randomBytes(size);
      writeFileSync(path, content);
      expect((await perl(count, { stdin: { path } })).stdout).toBe(`${size} ${sha256(content)}\n`);
    }
  });

  it("is read line by line", async () => {
    const { stdout } = await run({
      language: "lua",
      code: 'for line in io.lines() do io.write("<", line, ">") end',
      stdin: "one\n\ntwo €\nlast",
    });
    expect(stdout).toBe("<one><><two €><last>");
  });
});

describe("the arguments of a program", () => {
  it("arrive as they are", async () => {
    const args = [
      "",
      " ",
      "a b",
      "it's",
      '"quoted"',
      "two\nlines",
      "$HOME",
      "`id`",
      "*",
      "\\",
      "-x",
      "--",
      "é€𝄞",
      "{entry}",
    ];
    const { stdout } = await perl("print join('|', map { unpack('H*', $_) } @ARGV);", { args });
    expect(stdout.split("|").map((hex) => Buffer.from(hex, "hex").toString())).toEqual(args);
    const lua = await run({ language: "lua", code: "for i, word in ipairs(arg) do io.write(#word, ',') end", args });
    expect(lua.stdout).toBe(args.map((word) => `${Buffer.byteLength(word)},`).join(""));
  });

  it("with halves of characters, which no command line holds, arrive with U+FFFD in their place", async () => {
    const execution = await perl("print $ARGV[0], $ENV{HALF}", { args: ["a\ud800b"], env: { HALF: "\udc00" } });
    expect([execution.outcome, execution.stdout]).toEqual([exited(0), "a\ufffdb\ufffd"]);
  });

  it("may be many, and too many for the kernel are a failed start with the kernel's reason", async () => {
    expect(
      (await perl("print scalar @ARGV", { args: Array.from({ length: 1_000 }, () => "x".repeat(100)) })).stdout,
    ).toBe("1000");
    const execution = await perl("print 1", { args: ["x".repeat(200_000)] });
    expect([execution.outcome, execution.stdout]).toEqual([exited(126), ""]);
    expect(execution.stderr).toBe("/usr/bin/perl: cannot be started: Argument list too long\n");
  });
});

describe("the environment of a program", () => {
  it("is that of the sandbox, with what the request names over it, and nothing of the host's", async () => {
    const { stdout } = await perl('print map { "$_=$ENV{$_}\\n" } grep { !/^(GLOVEBOX_|JOB_ID)/ } sort keys %ENV', {
      env: { LANG: "C", OWN: "a b\n=c", PATH: "/usr/bin" },
    });
    expect(stdout).toBe(
      program(
        "HOME=/workspace",
        "LANG=C",
        "LOGNAME=sandbox",
        "MKL_NUM_THREADS=1",
        "OMP_NUM_THREADS=1",
        "OPENBLAS_NUM_THREADS=1",
        "OWN=a b\n=c",
        "PATH=/usr/bin",
        "SHELL=/bin/sh",
        "TERM=dumb",
        "TMPDIR=/tmp",
        "UPLOADED_FILES=",
        "USER=sandbox",
        "WORKSPACE=/workspace",
        "XDG_CACHE_HOME=/tmp/.cache",
      ),
    );
  });

  it("has signals as a program expects them, a process group of its own, and no descriptor too many", async () => {
    const { stdout } = await run({
      language: "lua",
      code: program(
        'for line in io.lines("/proc/self/status") do if line:match("^Sig[BI]") then print(line) end end',
        'local stat = io.open("/proc/self/stat")',
        'local pid, group = stat:read("a"):match("^(%d+) %b() %a %d+ (%d+)")',
        "stat:close()",
        'print(pid == group and "leader" or "member")',
        // Three is the number that opening takes here.
        "for number = 0, 30 do",
        '  local file = number ~= 3 and io.open("/proc/self/fdinfo/" .. number)',
        '  if file then file:close() io.write(number, ",") end',
        "end",
      ),
    });
    expect(stdout).toBe("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nleader\n0,1,2,4,");
  });
});

describe("the end of a program", () => {
  it("is its status", async () => {
    for (const code of [0, 1, 42, 255]) expect((await perl(`exit ${code}`)).outcome).toEqual(exited(code));
    expect((await run({ language: "lua", code: "os.exit(7)" })).outcome).toEqual(exited(7));
  });

  it("is the signal that ended it", async () => {
    for (const signal of ["TERM", "KILL", "SEGV", "PIPE"]) {
      const { outcome } = await perl(`$| = 1; print "before\\n"; kill ${signal} => $$; sleep 10;`);
      expect(outcome).toEqual({ kind: "signalled", signal: `SIG${signal}`, stage: "run", violations: [] });
    }
  });

  it("takes along what it left in the background", async () => {
    const { outcome, stdout } = await perl("if (!fork) { sleep 60; print 'late' } print 'over'");
    expect([outcome, stdout]).toEqual([exited(0), "over"]);
  });

  it("comes by the interrupt of a cancel with a grace, which it may handle", async () => {
    const code = program(
      "$| = 1;",
      "$SIG{INT} = sub { print \"saved\\n\"; open my $file, '>', 'state'; exit 5 };",
      'print "ready\\n"; sleep 60;',
    );
    const going = sandboxes().execute({ language: "perl", code });
    await untilPrinted(going, "ready\n");
    going.cancel({ graceMs: patience(20_000) });
    const { outcome, stdout, artifacts } = await going.result;
    expect([outcome.kind, stdout, artifacts.map(({ path }) => path)]).toEqual([
      "cancelled",
      "ready\nsaved\n",
      ["state"],
    ]);
  });

  it("comes by its limits", async () => {
    const ends = async (code: string, limits: object) => (await perl(code, { limits })).outcome;
    expect(await ends("sleep 60", { timeoutMs: 300 })).toMatchObject({ kind: "timed-out", limit: "timeoutMs" });
    expect(await ends("1 while 1", { cpuMs: 300 })).toMatchObject({ kind: "timed-out", limit: "cpuMs" });
    expect(await ends("print 'x' x 1000 while 1", { outputBytes: 5_000 })).toMatchObject({ kind: "output-limit" });
    expect(await ends("my @all; push @all, 'x' x 1e6 while 1", { memoryBytes: 64 * MIB })).toMatchObject({
      kind: "out-of-memory",
    });
  });
});

describe("the files of a program", () => {
  it("lie in its working directory, and its inline code beside them under the name of its language", async () => {
    const files = ["main.pl", "data.csv", "sub/more.csv"].map((name) => ({ name, content: name }));
    const { stdout, artifacts } = await perl("print `pwd; find . -type f | sort; cat sub/more.csv`, $0", { files });
    expect(stdout).toBe(
      "/workspace\n./data.csv\n./main-2.pl\n./main.pl\n./sub/more.csv\nsub/more.csv/workspace/main-2.pl",
    );
    expect(artifacts).toEqual([]);
  });

  it("may be several, with the entry in a folder, found by its extension", async () => {
    const files = [
      {
        name: "app/main.lua",
        content: 'package.path = "app/?.lua;" .. package.path\nprint(require "helper".name, arg[0])',
      },
      { name: "app/helper.lua", content: 'return { name = "the helper" }' },
    ];
    const { language, stdout } = await run({ files, entry: "app/main.lua" });
    expect([language, stdout]).toEqual(["lua", "the helper\t/workspace/app/main.lua\n"]);
  });

  it("may have names that a shell or an interpreter could take for something else", async () => {
    for (const name of ["-e.pl", "a b.pl", "$(id).pl", "'.pl", "{args}.pl", "{runner}/x.pl", "é.pl", ";.pl"]) {
      const { stdout, outcome } = await run({ files: [{ name, content: "print $0" }], entry: name });
      expect([name, outcome, stdout]).toEqual([name, exited(0), `/workspace/${name}`]);
    }
  });

  it("with a half of a character in a name, which no file system holds, are refused", async () => {
    const problem = await problemOf(perl("print 1", { files: [{ name: "a\ud800", content: "" }] }));
    expect([problem.code, problem.errors[0]?.field]).toEqual(["invalid-request", "files[0].name"]);
  });

  it("are artifacts where the program made or changed them, its own source too", async () => {
    const { artifacts } = await perl(
      "open F, '>', 'new'; print F 'n'; open G, '>>', 'given'; print G '+'; open H, '>>', $0; print H '#'",
      {
        files: [
          { name: "given", content: "g" },
          { name: "untouched", content: "u" },
        ],
      },
    );
    expect(artifacts.map(({ path, size }) => [path, size])).toEqual([
      ["given", 2],
      ["main.pl", expect.any(Number)],
      ["new", 1],
    ]);
  });
});

describe("the job of a program", () => {
  const job: ExecutionSpec = {
    files: [
      { name: "b.csv", content: "1" },
      { name: "dir/a.csv", content: "2" },
    ],
    parameters: { factor: 2, name: "North €", "two-part.name": true, list: [1, { a: null }] },
    data: { station: "North", readings: [3, 5, 8, 13] },
  };

  it("is in its variables", async () => {
    const names =
      "PARAM_FACTOR PARAM_NAME PARAM_TWO_PART_NAME PARAM_LIST INPUT_DATA UPLOADED_FILES WORKSPACE GLOVEBOX_INPUT GLOVEBOX_RESULTS";
    const execution = await perl(`print map { "$_=$ENV{$_}\\n" } qw(${names} JOB_ID)`, job);
    expect(execution.stdout).toBe(
      program(
        "PARAM_FACTOR=2",
        "PARAM_NAME=North €",
        "PARAM_TWO_PART_NAME=true",
        'PARAM_LIST=[1,{"a":null}]',
        'INPUT_DATA={"station":"North","readings":[3,5,8,13]}',
        "UPLOADED_FILES=b.csv\ndir/a.csv",
        "WORKSPACE=/workspace",
        "GLOVEBOX_INPUT=/glovebox/input.json",
        "GLOVEBOX_RESULTS=/glovebox/results.jsonl",
        `JOB_ID=${execution.id}`,
      ),
    );
  });

  it("is in its file, which it may change, and nothing else is in the job folder", async () => {
    const execution = await perl(
      [
        "open my $in, '<', $ENV{GLOVEBOX_INPUT}; print <$in>, \"\\n\";",
        "print -s $ENV{GLOVEBOX_RESULTS}, ' ', join(',', sort map { s{.*/}{}r } glob '/glovebox/*'), \"\\n\";",
        "print open(my $out, '>>', $ENV{GLOVEBOX_INPUT}) ? 'mine' : $!;",
      ],
      job,
    );
    const [input = "", ...rest] = execution.stdout.split("\n");
    expect(JSON.parse(input)).toEqual({
      parameters: job.parameters,
      data: job.data,
      uploadedFiles: ["b.csv", "dir/a.csv"],
      workspace: "/workspace",
      jobId: execution.id,
    });
    expect(rest).toEqual(["0 input.json,results.jsonl", "mine"]);
  });

  it("may be large: what is too large for a variable is in the file, and the program starts", async () => {
    const data = Array.from({ length: 50_000 }, (_, index) => `row ${index}`);
    const parameters = { large: "x".repeat(300_000), small: "s" };
    const files = Array.from({ length: 900 }, (_, index) => ({ name: `${"n".repeat(200)}-${index}`, content: "" }));
    const { stdout, outcome } = await perl(
      [
        "use JSON::PP; local $/; open my $in, '<', $ENV{GLOVEBOX_INPUT}; my $job = decode_json(<$in>);",
        "print join ' ', scalar @{$job->{data}}, length $job->{parameters}{large}, scalar @{$job->{uploadedFiles}}, ''; ",
        "print join ' ', map { exists $ENV{$_} ? 'set' : 'unset' } qw(INPUT_DATA PARAM_LARGE PARAM_SMALL UPLOADED_FILES);",
      ],
      { data, parameters, files },
    );
    expect([outcome, stdout]).toEqual([exited(0), "50000 300000 900 unset unset set unset"]);
  });

  it.each<[string, ExecutionSpec]>([
    ["parameters", { parameters: { large: "x".repeat(200_000) } }],
    ["data", { data: "x".repeat(200_000) }],
    ["files that fill it to the last byte", { files: [{ name: "f", content: Buffer.alloc(65_536 - 2 * 4_096 + 1) }] }],
  ])("that does not fit on the disk of the program is refused: %s", async (_, spec) => {
    const problem = await problemOf(perl("print 1", { ...spec, limits: { diskBytes: 65_536 } }));
    expect([problem.code, problem.errors[0]?.field]).toEqual(["invalid-request", "limits.diskBytes"]);
  });

  it("that just fits leaves the program running", async () => {
    const files = [{ name: "f", content: Buffer.alloc(65_536 - 2 * 4_096) }];
    const { outcome, stdout } = await perl("sleep 1; print 'ran'", { files, limits: { diskBytes: 65_536 } });
    expect([outcome, stdout]).toEqual([exited(0), "ran"]);
  });
});

describe("the results of a program", () => {
  const save = (...lines: string[]) => [
    "open my $results, '>>', $ENV{GLOVEBOX_RESULTS} or die;",
    ...lines.map((line) => `print $results ${line};`),
    "close $results;",
  ];
  const line = (name: string, value: string) => `'{"name": "${name}", "value": ${value}}', "\\n"`;

  it("are what it wrote to the file of results, and they are events too", async () => {
    const code = program(...save(line("total", "58"), line("list", '[1, "é", null]'), line("total", "59")));
    const going = sandboxes().execute({ language: "perl", code });
    const [events, execution] = await Promise.all([allEvents(going), going.result]);
    expect(execution.results).toEqual({ total: 59, list: [1, "é", null] });
    expect(events.filter(({ type }) => type === "result")).toEqual([
      { type: "result", name: "total", value: 58 },
      { type: "result", name: "list", value: [1, "é", null] },
      { type: "result", name: "total", value: 59 },
    ]);
    expect(execution.warnings).toEqual([]);
  });

  it("count also when the program fails, is killed or runs out of time", async () => {
    for (const [end, limits] of [
      ["exit 3", {}],
      ["kill KILL => $$", {}],
      ["sleep 60", { timeoutMs: 400 }],
    ] as const) {
      expect((await perl([...save(line("kept", "1")), end], { limits })).results).toEqual({ kept: 1 });
    }
  });

  it("lose broken lines with a warning for each, and keep the others", async () => {
    const deep = `'{"name":"deep","value":' . '[' x 5000 . ']' x 5000 . "}\\n"`;
    const { results, warnings } = await perl(
      save(
        line("first", "1"),
        '"no JSON\\n"',
        '"[]\\n"',
        deep,
        '"\\xff\\xfe\\n"',
        line("last", "2"),
        `'{"name": "half'`,
      ),
    );
    expect(results).toEqual({ first: 1, last: 2 });
    const wrong = (number: number) =>
      `results: line ${number} was left out: it must be a JSON object {"name": text, "value": any}`;
    expect(warnings).toEqual([2, 3, 4, 5, 7].map(wrong));
  });

  it("are read of the first 8 MiB, and a warning says that there was more", async () => {
    const { results, warnings, outcome } = await perl(
      save(line("before", "1"), '"\\n" x (9 << 20)', line("behind", "2")).concat("print 'x'"),
      { limits: { memoryBytes: 256 * MIB } },
    );
    expect(outcome).toEqual(exited(0));
    expect(results).toEqual({ before: 1 });
    expect(warnings).toEqual([
      "results: nothing was read behind line 100000",
      expect.stringMatching(/^the file of results has 94\d{5} bytes; the first 8388608 were read$/),
    ]);
  });

  it.each([
    ["removed", "unlink $ENV{GLOVEBOX_RESULTS}"],
    ["a link to a file of the system", "unlink $ENV{GLOVEBOX_RESULTS}; symlink '/etc/passwd', $ENV{GLOVEBOX_RESULTS}"],
    [
      "a link to good results elsewhere",
      "unlink $ENV{GLOVEBOX_RESULTS}; open F, '>', 'r'; print F qq({\"name\":\"a\",\"value\":1}\\n); close F; symlink '/workspace/r', $ENV{GLOVEBOX_RESULTS}",
    ],
    ["a pipe that nobody writes to", "unlink $ENV{GLOVEBOX_RESULTS}; system 'mkfifo', $ENV{GLOVEBOX_RESULTS}"],
    ["a folder", "unlink $ENV{GLOVEBOX_RESULTS}; mkdir $ENV{GLOVEBOX_RESULTS}"],
    [
      "a socket",
      "use IO::Socket::UNIX; unlink $ENV{GLOVEBOX_RESULTS}; our $s = IO::Socket::UNIX->new(Local => $ENV{GLOVEBOX_RESULTS}, Listen => 1) or die",
    ],
    ["a hole", "truncate $ENV{GLOVEBOX_RESULTS}, 100 << 20"],
  ])("are none when the file is %s, and the run is as good as any", async (_, code) => {
    const { outcome, results, stdout } = await perl([`${code};`, "print 'over';"]);
    expect([outcome, results, stdout]).toEqual([exited(0), {}, "over"]);
  });

  it("are read from a file that the program closed to everybody", async () => {
    const { results } = await perl([...save(line("closed", "1")), "chmod 0, $ENV{GLOVEBOX_RESULTS};"]);
    expect(results).toEqual({ closed: 1 });
  });

  it("are those of the file that is there at the end", async () => {
    const { results } = await perl([
      ...save(line("old", "1")),
      "rename $ENV{GLOVEBOX_RESULTS}, '/glovebox/old';",
      ...save(line("new", "2")),
    ]);
    expect(results).toEqual({ new: 2 });
  });
});

describe("the messages of a program", () => {
  const send =
    "open my $out, '>&=', 4 or die $!; binmode $out; $| = 1; sub frame { syswrite $out, pack('N/a*', $_[0]) }";

  it("are read from descriptor 4", async () => {
    const { results, displays, warnings, value } = await perl([
      send,
      `frame('{"type":"result","name":"a","value":[1]}');`,
      `frame('{"type":"display","data":{"text/plain":"x"}}');`,
      `frame('{"type":"value","value":7}');`,
      `frame('{"type":"warning","message":"careful"}');`,
    ]);
    expect({ results, displays, warnings, value }).toEqual({
      results: { a: [1] },
      displays: [{ "text/plain": "x" }],
      warnings: ["careful"],
      value: 7,
    });
  });

  it("lose what is malformed, and the run goes on with the next one", async () => {
    const { results, outcome, warnings } = await perl([
      send,
      "frame('no JSON'); frame(''); frame('{}'); frame('{\"type\":\"finished\"}'); frame(qq(\\xff));",
      `frame('{"type":"result","name":"a"}');`,
      `frame('{"type":"parked"}');`,
      "frame('{\"type\":\"value\",\"value\":' . '[' x 3000 . ']' x 3000 . '}');",
      `frame('{"type":"result","name":"good","value":1}');`,
    ]);
    expect([outcome, results]).toEqual([exited(0), { good: 1 }]);
    expect(warnings).toEqual(
      Array.from({ length: 8 }, () => "the program sent a message that is none of the runner's; it was dropped"),
    );
  });

  it.each([
    ["an endless one", "syswrite $out, pack('N', 0x7fffffff) . 'x' x 1000;"],
    ["one that is cut off", "syswrite $out, pack('N', 100) . '{';"],
    ["half a length", "syswrite $out, 'ab';"],
    ["an end that is none", "syswrite $out, pack('N', 0xffffffff) . chr(3);"],
    ["nothing, on a closed descriptor", "close $out;"],
  ])("may be %s, which costs the program its messages and nothing else", async (_, code) => {
    const { outcome, stdout, results } = await perl([
      send,
      code,
      "print 'over';",
      'open my $r, \'>>\', $ENV{GLOVEBOX_RESULTS}; print $r \'{"name":"a","value":1}\';',
    ]);
    expect([outcome, stdout, results]).toEqual([exited(0), "over", { a: 1 }]);
  });
});

describe("several languages", () => {
  it("run at the same time, each in sandboxes of its own", async () => {
    const specs: ExecutionSpec[] = [
      { language: "lua", code: "print('lua', _VERSION)" },
      { language: "perl", code: 'printf "perl %vd\\n", $^V' },
      { language: "python", code: "print('python')" },
    ];
    const all = await Promise.all([...specs, ...specs, ...specs].map(run));
    expect(all.map(({ language, stdout }) => stdout.startsWith(language))).toEqual(all.map(() => true));
    expect(sandboxes().stats()).toMatchObject({ running: 0, waiting: 0 });
  });

  it("do not see each other's runners", async () => {
    const { stdout } = await perl("print join ',', glob '/opt/glovebox/*'");
    expect(stdout).toBe("/opt/glovebox/perl");
  });

  it("are found by the extension of the entry where none is named, and in any case of letters", async () => {
    const of = async (name: string, content: string) =>
      (await run({ files: [{ name, content }], entry: name })).language;
    expect(await of("a.lua", "print(1)")).toBe("lua");
    expect(await of("A.LUA", "print(1)")).toBe("lua");
    expect(await of("a.b.pl", "print 1")).toBe("perl");
    expect((await run({ code: "1" })).language).toBe("python");
  });

  it("are found by an alias, with a warning", async () => {
    const { language, warnings } = await run({ language: "Perl5", code: "print 1" });
    expect([language, warnings]).toEqual(["perl", ["language: 'Perl5' was read as 'perl'"]]);
  });

  it("that are not known are refused with those that are, and nothing is started", async () => {
    const { started } = sandboxes().stats();
    const byName = await problemOf(run({ language: "cobol", code: "x" }));
    expect([byName.code, byName.errors[0]?.field]).toEqual(["unknown-language", "language"]);
    const byExtension = await problemOf(run({ files: [{ name: "a.cob", content: "x" }], entry: "a.cob" }));
    expect([byExtension.code, byExtension.errors[0]?.field]).toEqual(["unknown-language", "entry"]);
    expect(byExtension.message).toContain("perl (.pl)");
    expect(sandboxes().stats().started).toBe(started);
  });

  it("with limits below what they need are refused with what that is", async () => {
    const floor = runtimes().find(({ floor: least }) => least.processes !== undefined && least.processes > 1);
    if (floor === undefined) throw new Error("no language has a floor");
    const problem = await problemOf(run({ language: floor.name, code: "x", limits: { processes: 1 } }));
    expect([problem.code, problem.errors]).toEqual([
      "invalid-request",
      [{ field: "limits.processes", message: `1 is too little: the language needs ${floor.floor.processes}` }],
    ]);
  });
});

describe("a language whose toolchain is missing", () => {
  const missing: Runtime = runtimeSchema.parse({
    name: "missing",
    title: "Missing",
    aliases: [],
    extensions: [".missing"],
    mainFile: "main.missing",
    tools: { tool: ["no-such-tool"], other: ["no-such-other"] },
    version: { command: ["{tool}"], pattern: "\\d+" },
    packages: ["missing"],
    start: "command",
    run: ["{tool}"],
  });
  beforeAll(() => void (runtimes() as Runtime[]).push(missing));
  afterAll(() => void (runtimes() as Runtime[]).splice(runtimes().indexOf(missing), 1));

  it("is refused with the command that installs it, and nothing is started", async () => {
    const { started } = sandboxes().stats();
    const problem = await problemOf(run({ files: [{ name: "a.missing", content: "" }], entry: "a.missing" }));
    expect(problem.code).toBe("language-unavailable");
    expect(problem.message).toBe(
      "Missing is not installed on this host (missing: no-such-tool, no-such-other); run: ./glovebox setup missing",
    );
    expect(sandboxes().stats()).toMatchObject({ started, running: 0, waiting: 0 });
  });

  it("is listed as such, and keeps sandboxes that should have it ready from opening", async () => {
    const listed = (await sandboxes().languages()).find(({ name }) => name === "missing");
    expect(listed).toMatchObject({ version: null, available: false, install: "./glovebox setup missing" });
    expect((await problemOf(openSandboxes({ languages: ["perl", "missing"] }))).code).toBe("language-unavailable");
  });
});

describe("a toolchain in a folder of the operator's", () => {
  let tools = "";
  beforeAll(() => {
    const root = process.getuid?.() === 0;
    tools = mkdtempSync(join(root ? "/opt" : homedir(), "glovebox-test-tools-"));
    chmodSync(tools, 0o755);
    mkdirSync(join(tools, "bin"));
    writeFileSync(join(tools, "bin/perl"), '#!/bin/sh\necho "own: $0"\nexec /usr/bin/perl "$@"\n', { mode: 0o755 });
    chmodSync(join(tools, "bin/perl"), 0o755);
    symlinkSync("/usr/bin/lua5.4", join(tools, "bin/lua5.4"));
  });
  afterAll(() => rmSync(tools, { recursive: true, force: true }));

  it("is used before the system's, seen in its place and not to be written, and its programs find it first", async () => {
    const own = await openSandboxes({ languages: [], toolchains: [tools], pool: { min: 0, max: 1 } });
    try {
      const code = program(
        "print `command -v perl;`;",
        `print open(my $f, '>>', '${tools}/bin/perl') ? 'written' : 'refused', "\\n";`,
      );
      const execution = await own.execute({ language: "perl", code }).result;
      expect(execution.stdout).toBe(`own: ${tools}/bin/perl\n${tools}/bin/perl\nrefused\n`);
      const lua = await own.execute({ language: "lua", code: "print(arg[-1])" }).result;
      expect(lua.stdout).toBe(`${tools}/bin/lua5.4\n`);
    } finally {
      await own.close();
    }
  });

  it("is refused where sandboxes would not see it", async () => {
    const problem = await problemOf(openSandboxes({ toolchains: [folder()] }));
    expect([problem.code, problem.errors[0]?.field]).toEqual(["invalid-configuration", "toolchains[0]"]);
  });
});
