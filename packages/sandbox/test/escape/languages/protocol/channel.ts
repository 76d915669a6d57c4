import { expect } from "vitest";
import { stretched } from "../../../support/host-slowness.ts";
import type { Attack, Programs } from "../theme.ts";
import { forgeries, hostile, message, ready } from "./payloads.ts";
import { exited, sameEverywhere, watchingTheLoop } from "./watching.ts";

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

const cutOff = "the program's result channel was cut off: a message was too large or malformed, or there were too many";

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

export const said: readonly Attack[] = [
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
    pause_for(5);
    put("late", "late");
    pause_for(600);
    return _;
  }
  pthread_t thread;
  pthread_create(&thread, NULL, linger, NULL);
  if (fork() == 0) { pause_for(5); put("later", "later"); pause_for(600); }
  write_all(4, "\377\377\377\377\0", 5);
  syscall(SYS_exit, 0);
`,
    },
    request: { limits: { timeoutMs: stretched(12_000) } },
    // The end that was announced may be believed, because it came: then nothing of the program may go on, and it ends
    // long before the others come to write. Both times are far apart, for a warden that stands still for a while.
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
];
