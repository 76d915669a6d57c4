// Depends on: identity.
import { describe, expect, it } from "vitest";
import { commandLanguages } from "./support/command-languages.ts";
import { stretched } from "./support/host-slowness.ts";
import { exited } from "./support/outcomes.ts";
import { allEvents, program } from "./support/sandboxes.ts";

const MIB = 1024 * 1024;
const { sandboxes, perl } = commandLanguages();

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
    for (const [end, limits, kind] of [
      ["exit 3", {}, "exited"],
      ["kill KILL => $$", {}, "signalled"],
      // Of CPU time, of which a start on a busy machine takes no more than on another.
      ["1 while 1", { cpuMs: stretched(500) }, "timed-out"],
    ] as const) {
      const { outcome, results } = await perl([...save(line("kept", "1")), end], { limits });
      expect([outcome.kind, results]).toEqual([kind, { kept: 1 }]);
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
