// Depends on: identity, cgroups.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandLanguages } from "./support/command-languages.ts";
import { stretched } from "./support/host-slowness.ts";
import { exited } from "./support/outcomes.ts";
import { problemOf, program, temporaryFolder, untilPrinted } from "./support/sandboxes.ts";
import { sha256 } from "./support/sha256.ts";

const MIB = 1024 * 1024;
const folder = temporaryFolder();
const { sandboxes, run, perl } = commandLanguages();

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
    going.cancel({ graceMs: stretched(20_000) });
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
    // What is too much is held until it is seen.
    expect(await ends("my @all; push @all, 'x' x 1e6 for 1 .. 200; sleep 60", { memoryBytes: 64 * MIB })).toMatchObject(
      {
        kind: "out-of-memory",
      },
    );
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
