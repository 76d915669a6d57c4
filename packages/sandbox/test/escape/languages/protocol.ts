import { expect } from "vitest";
import { stretched } from "../../support/host-slowness.ts";
import { LongestTurn } from "../../support/thread-time.ts";
import type { Attack, Programs, Theme } from "./theme.ts";

/*
 * What programs say on their channel. It is a pipe: descriptor 4 of a program in C or JavaScript; Bash has moved it to 13.
 * What is said stands in the file `payload`, so that all languages say the same.
 */

/** Copies the payload to the channel as it is, then ends with 5. `after` is what the program does before it ends. */
const say = (after: { c: string; bash: string; javascript: string }): Programs => ({
  c: String.raw`
  signal(SIGPIPE, SIG_IGN);
  int payload = open("payload", O_RDONLY);
  for (long size; (size = read(payload, room, sizeof room)) > 0;) write_all(4, room, size);
  ${after.c}
  return 5;
`,
  bash: `trap '' PIPE
cat payload >&13
${after.bash}
exit 5
`,
  javascript: `
process.on("SIGPIPE", () => {});
writeAll(4, fs.readFileSync("payload"));
${after.javascript}
process.exitCode = 5;
`,
});

const goesOn = say({
  c: 'say("done", "yes");',
  bash: "say done yes",
  javascript: 'say("done", "yes");',
});

function message(payload: unknown): Buffer {
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function frame(kind: number, payload: unknown): Buffer {
  const body = message(payload);
  return Buffer.concat([body.subarray(0, 4), Buffer.from([kind]), body.subarray(4)]);
}

const exited = { kind: "exited", code: 5, violations: [], stage: "run" };
const cutOff = "the program's result channel was cut off: a message was too large or malformed, or there were too many";
const sameEverywhere = { why: "on the host nobody listens to a descriptor of that number" };

/** One thing to say, after which the program goes on unharmed. */
function saying(id: Attack["id"], variant: string, payload: Buffer, more: Partial<Attack> = {}): Attack {
  return {
    id,
    variant,
    programs: goesOn,
    request: { files: [{ name: "payload", content: payload }], limits: { timeoutMs: stretched(20_000) } },
    holds: ({ execution, report }) => expect([execution.outcome, report]).toEqual([exited, { done: "yes" }]),
    control: sameEverywhere,
    ...more,
  };
}

/** Fails when the host's one thread was busy for long while an attack ran. */
function watchingTheLoop(attack: Attack): Attack {
  let turns: LongestTurn | undefined;
  let longest: number | undefined;
  return {
    ...attack,
    during: () => {
      turns ??= new LongestTurn(); // the same for all languages
    },
    holds: (attacked) => {
      longest ??= turns?.end();
      // Three programs say it at the same time.
      expect(longest).toBeLessThan(stretched(4_500));
      return attack.holds(attacked);
    },
  };
}

const forged = {
  outcome: { kind: "exited", code: 0, violations: [] },
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, startMs: 1 },
  skipped: [],
  notListed: 0,
  warnings: [],
};
const forgeries = Buffer.concat([
  frame(0x30, forged),
  frame(0x31, { message: "owned", trace: "" }),
  frame(0x20, { path: "../../planted", size: 1, sha256: "0".repeat(64) }),
  frame(0x22, Buffer.from('{"name": "planted", "value": 1}\n')),
  frame(0x01, { id: "0".repeat(24) }),
]);
const ready = Buffer.concat(Array.from({ length: 20 }, () => message({ type: "parked" })));
const deep = (open: string, inner: string, close: string) =>
  Buffer.from(`{"type":"value","value":${open.repeat(50_000)}${inner}${close.repeat(50_000)}}`);
const hostile = Buffer.concat(
  [
    Buffer.alloc(0),
    Buffer.from("null"),
    Buffer.from("{"),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('{"type":"finished"}'),
    Buffer.from('{"type":"result","name":"__proto__","value":{"polluted":true}}'),
    Buffer.from('{"__proto__":{"polluted":true},"type":"value","value":{"__proto__":{"polluted":true}}}'),
    Buffer.from('{"type":"variables","variables":{"__proto__":{"polluted":true}}}'),
    Buffer.from('{"type":"display","data":{"__proto__":{"polluted":true},"text/plain":"x"}}'),
    Buffer.from('{"type":"progress","fraction":1e999,"message":null}'),
    Buffer.from('{"type":"error","error":{"type":"X"}}'),
    deep("[", "", "]"),
    deep('{"a":', "1", "}"),
    Buffer.from(`{"type":"value","value":1${"0".repeat(100_000)}}`),
  ].map(message),
);

/** Replaces the file of results, in all the ways in which it can be. */
const replaceResults: readonly (readonly [string, Programs])[] = (
  [
    ["a link to a file of the host", 'symlink(told("TARGET_FILE"), RESULTS)', 'ln -s "$TARGET_FILE" "$RESULTS"'],
    ["a link to its own environment", 'symlink("/proc/self/environ", RESULTS)', 'ln -s /proc/self/environ "$RESULTS"'],
    ["a pipe", "mkfifo(RESULTS, 0666)", 'mkfifo "$RESULTS"'],
    ["a folder", "mkdir(RESULTS, 0777)", 'mkdir "$RESULTS"'],
  ] as const
).map(([variant, c, bash]) => [
  variant,
  {
    c: `
#define RESULTS "/glovebox/results.jsonl"
  unlink(RESULTS);
  say("replaced", said(${c}));
#undef RESULTS
`,
    bash: `RESULTS=/glovebox/results.jsonl; rm -f "$RESULTS"; trial replaced ${bash}`,
    javascript: `
fs.unlinkSync("/glovebox/results.jsonl");
const { status } = child.spawnSync("/bin/sh", ["-c", ${JSON.stringify(bash)}], { env: { ...told, RESULTS: "/glovebox/results.jsonl" } });
say("replaced", status === 0 ? "ok" : String(status));
`,
  },
]);

/** Copies the payload over the file of results. */
const writeResults: Programs = {
  c: String.raw`
  int payload = open("payload", O_RDONLY), results = open("/glovebox/results.jsonl", O_WRONLY);
  for (long size; (size = read(payload, room, sizeof room)) > 0;) write_all(results, room, size);
  say("done", "yes");
`,
  bash: `cat payload >"$GLOVEBOX_RESULTS"; say done yes`,
  javascript: `fs.copyFileSync("payload", told.GLOVEBOX_RESULTS); say("done", "yes");`,
};

function results(variant: string, content: string, holds: Attack["holds"]): Attack {
  return watchingTheLoop({
    id: "protocol.results-file",
    variant,
    programs: writeResults,
    request: {
      files: [{ name: "payload", content }],
      limits: { memoryBytes: 256 << 20, timeoutMs: stretched(20_000) },
    },
    holds,
    control: sameEverywhere,
  });
}

const ranWell = { kind: "exited", code: 0, violations: [], stage: "run" };

export const protocol: Theme = {
  title: "what a program says",
  surveys: [
    {
      name: "descriptors",
      control: "ordinary", // process 1 of the host is none to write to
      programs: {
        c: String.raw`
  char open_ones[256] = "";
  for (int number = 0; number < 1024; number++) {
    if (fcntl(number, F_GETFD) >= 0) sprintf(open_ones + strlen(open_ones), "%d ", number);
  }
  say("open", open_ones);
  say("start signal", said(write(3, "\n", 1)));
  say("start signal read", said(read(3, room, 1)));
  say("descriptors on the channel", said(send(4, "x", 1, 0)));
  TRIAL("warden's output", poke("/proc/1/fd/1", "x"));
  TRIAL("warden's channel", poke("/proc/1/fd/4", "x"));
`,
        bash: String.raw`
trial "warden's output" eval 'echo x 1<>/proc/1/fd/1'
trial "warden's channel" eval 'echo x 1<>/proc/1/fd/4'
trial 'start signal' eval 'echo >&3'
trial 'start signal read' eval 'read -u 3'
opened=
for place in /proc/$$/fd/*; do opened+="${"$"}{place##*/} "; done
say open "$opened"
`,
        javascript: String.raw`
trial("warden's output", () => poke("/proc/1/fd/1", "x"));
trial("warden's channel", () => poke("/proc/1/fd/4", "x"));
const kind = (number) => {
  try {
    return fs.readlinkSync("/proc/self/fd/" + number).replace(/[:/].*/, "");
  } catch {
    return "none";
  }
};
// What Node has of its own is no pipe but the two ends of one with which it wakes itself.
const pipes = fs.readdirSync("/proc/self/fd").filter((number) => kind(number) === "pipe").map((number) => fs.readlinkSync("/proc/self/fd/" + number));
say("pipes", pipes.filter((name) => pipes.filter((other) => other === name).length === 1).length);
`,
      },
      answers: [
        {
          id: "protocol.parent-descriptors",
          inside: { "warden's output": ["ENOENT", "EACCES"], "warden's channel": ["ENOENT", "EACCES"] },
        },
        {
          id: "protocol.parent-descriptors",
          languages: ["c"],
          inside: {
            open: "0 1 2 4 ",
            "start signal": "EBADF",
            "start signal read": "EBADF",
          },
        },
        {
          id: "protocol.parent-descriptors",
          languages: ["bash"],
          inside: { "start signal": /Bad file descriptor/, "start signal read": /Bad file descriptor|status 1/ },
        },
        // Standard input, two outputs and the channel.
        { id: "protocol.parent-descriptors", languages: ["javascript"], inside: { pipes: [3, 4] } },
        { id: "protocol.descriptors-sent", languages: ["c"], inside: { "descriptors on the channel": "ENOTSOCK" } },
      ],
    },
  ],
  attacks: [
    {
      id: "protocol.forged-frames",
      variant: "on every descriptor",
      programs: {
        c: String.raw`
  signal(SIGPIPE, SIG_IGN);
  int payload = open("payload", O_RDONLY);
  long size = read(payload, room, sizeof room);
  for (int number = 0; number < 1024; number++) {
    if (number == 1) continue;
    fcntl(number, F_SETFL, O_NONBLOCK);
    if (write(number, room, size) < 0) continue;
  }
  return 5;
`,
        bash: String.raw`
trap '' PIPE
for number in 0 {2..63}; do
  { cat payload >&"$number"; } 2>/dev/null
done
exit 5
`,
        javascript: String.raw`
const payload = fs.readFileSync("payload");
for (let number = 0; number < 64; number++) if (number !== 1) outcome(() => fs.writeSync(number, payload));
process.exitCode = 5;
process.reallyExit(5);
`,
      },
      request: { files: [{ name: "payload", content: forgeries }] },
      holds: ({ execution, language }) => {
        // What a program writes into its own runtime may end it otherwise.
        if (language !== "javascript") expect(execution.outcome).toEqual(exited);
        else expect(execution.outcome.kind).not.toBe("sandbox-fault");
        expect([execution.artifacts, execution.results, execution.displays]).toEqual([[], {}, []]);
        expect(execution.stdout).not.toContain("planted");
      },
      control: sameEverywhere,
    },
    saying("protocol.forged-frames", "frames of the warden", forgeries),
    saying("protocol.forged-frames", "ready once more", ready, {
      holds: ({ execution, report }) => {
        expect([execution.outcome, report]).toEqual([exited, { done: "yes" }]);
        expect(new Set(execution.warnings)).toEqual(
          new Set(["the program sent a message that is none of the runner's; it was dropped"]),
        );
      },
    }),
    saying(
      "protocol.huge-lengths",
      "4 GiB",
      Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xfe]), Buffer.alloc(1_000)]),
      {
        holds: ({ execution }) => expect([execution.outcome, execution.warnings]).toEqual([exited, [cutOff]]),
      },
    ),
    saying(
      "protocol.huge-lengths",
      "just too large",
      Buffer.concat([Buffer.from([0x00, 0x90, 0x00, 0x01]), Buffer.alloc(9 << 20)]),
    ),
    saying("protocol.huge-lengths", "half a message", Buffer.from([0, 0, 4, 0, 0x78])),
    {
      ...saying("protocol.forged-end", "as success, and goes on", Buffer.from([0xff, 0xff, 0xff, 0xff, 0])),
      programs: say({
        c: 'pause_for(0.3);\nput("late", "late");\nsay("done", "yes");',
        bash: "sleep 0.3\nprintf late >late\nsay done yes",
        javascript: 'pauseFor(0.3);\nfs.writeFileSync("late", "late");\nsay("done", "yes");',
      }),
      holds: ({ execution, report }) => {
        expect([execution.outcome, report]).toEqual([exited, { done: "yes" }]);
        expect(execution.artifacts.map(({ path }) => path)).toEqual(["late"]);
        expect(execution.metrics.wallMs).toBeGreaterThan(300);
      },
    },
    {
      ...saying("protocol.forged-end", "while only its first thread ends", Buffer.from([0xff, 0xff, 0xff, 0xff, 0])),
      programs: {
        c: String.raw`
  void *linger(void *_) {
    pause_for(0.5);
    put("late", "late");
    pause_for(600);
    return _;
  }
  pthread_t thread;
  pthread_create(&thread, NULL, linger, NULL);
  if (fork() == 0) { pause_for(0.5); put("later", "later"); pause_for(600); }
  write_all(4, "\377\377\377\377\0", 5);
  syscall(SYS_exit, 0);
`,
      },
      request: { limits: { timeoutMs: stretched(1_500) } },
      // The end that was announced may be believed, because it came; then nothing of the program may go on.
      holds: ({ execution }) => {
        expect(["signalled", "timed-out"]).toContain(execution.outcome.kind);
        const late = execution.artifacts.map(({ path }) => path);
        expect(late).toEqual(execution.outcome.kind === "signalled" ? [] : ["late", "later"]);
      },
    },
    saying("protocol.hostile-json", "malformed, deep and polluting", hostile, {
      holds: ({ execution, report }) => {
        expect([execution.outcome, report]).toEqual([exited, { done: "yes" }]);
        expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
        expect((execution.results as { polluted?: unknown }).polluted).toBe(undefined);
        expect(JSON.stringify(execution).length).toBeLessThan(100_000);
      },
    }),
    watchingTheLoop(
      saying("protocol.flood", "empty messages", Buffer.alloc(8 << 20), {
        holds: ({ execution }) => {
          expect(execution.outcome).toEqual(exited);
          expect(execution.warnings).toContain(cutOff);
          expect(execution.warnings.length).toBeLessThanOrEqual(101);
        },
      }),
    ),
    watchingTheLoop(
      saying(
        "protocol.large-messages",
        "of many small parts",
        message(Buffer.from(`{"type":"value","value":[${"0,".repeat(4_000_000)}0]}`)),
      ),
    ),
    {
      id: "protocol.channel-closed",
      programs: {
        c: 'for (int number = 3; number < 64; number++) close(number);\nsay("done", "yes");\nreturn 5;',
        bash: "exec 3>&- 4>&- 13>&- 14>&-\nsave_result lost 1 2>/dev/null\nsay done yes\nexit 5",
        javascript:
          'fs.closeSync(4);\noutcome(() => saveResult("lost", 1));\nsay("done", "yes");\nprocess.exitCode = 5;',
      },
      holds: ({ execution, report, language }) => {
        expect(report).toEqual({ done: "yes" });
        expect(execution.results).toEqual({});
        if (language !== "javascript") expect(execution.outcome).toEqual(exited);
        else expect(execution.outcome.kind).toBe("exited");
      },
      control: sameEverywhere,
    },
    ...replaceResults.map(
      ([variant, programs]): Attack => ({
        id: "protocol.results-file",
        variant,
        programs,
        holds: ({ execution, report }) =>
          expect([execution.outcome, report, execution.results]).toEqual([ranWell, { replaced: "ok" }, {}]),
        control: sameEverywhere,
      }),
    ),
    results(
      "hostile lines",
      [
        '{"name":"__proto__","value":{"polluted":true}}',
        '{"name":"constructor","value":1}',
        `{"name":"deep","value":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
        "{",
        `{"name":"${"n".repeat(10_000)}","value":1}`,
        '{"name":"good","value":1}',
      ].join("\n"),
      ({ execution, report }) => {
        expect([execution.outcome, report]).toEqual([ranWell, { done: "yes" }]);
        expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
        expect(execution.results["good"]).toBe(1);
        expect(execution.results["deep"]).toBe(undefined);
      },
    ),
    results("8 MiB of broken lines", "{\n".repeat(4 << 20), ({ execution }) => {
      expect([execution.outcome, execution.results]).toEqual([ranWell, {}]);
      expect(execution.warnings.length).toBeLessThanOrEqual(101);
    }),
    {
      id: "protocol.results-file",
      variant: "a hole of 100 MiB",
      programs: {
        c: 'say("done", said(truncate("/glovebox/results.jsonl", 100 << 20)));',
        bash: 'trial done truncate --size 100M "$GLOVEBOX_RESULTS"',
        javascript: 'trial("done", () => fs.truncateSync(told.GLOVEBOX_RESULTS, 100 << 20));',
      },
      request: { limits: { diskBytes: 128 << 20 } },
      holds: ({ execution, report }) => {
        expect([execution.outcome, report, execution.results]).toEqual([ranWell, { done: "ok" }, {}]);
        expect(execution.warnings).toContain("the file of results has 104857600 bytes; the first 8388608 were read");
      },
      control: sameEverywhere,
    },
  ],
};
