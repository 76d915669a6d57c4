import { expect } from "vitest";
import { stretched } from "../../../support/host-slowness.ts";
import { untilPrinted } from "../../../support/sandboxes.ts";
import type { Attack } from "../theme.ts";

const timedOut = { kind: "timed-out", limit: "timeoutMs", violations: [], stage: "run" };
const ofCpu = { kind: "timed-out", limit: "cpuMs", violations: [], stage: "run" };

/** Ignores and blocks every signal, then sleeps. */
const deaf = {
  c: String.raw`
  sigset_t every;
  sigfillset(&every);
  for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
  sigprocmask(SIG_BLOCK, &every, NULL);
  kill(getpid(), SIGTERM);
  kill(getpid(), SIGINT);
  say("deaf", "yes");
  while (amount > 0) pause_for(600);
`,
  bash: String.raw`
for number in {1..64}; do trap '' "$number" 2>/dev/null; done
kill -TERM $$
kill -INT $$
say deaf yes
while ((amount > 0)); do sleep 600 || :; done
`,
  javascript: String.raw`
for (const name of Object.keys(os.constants.signals)) {
  try {
    process.on(name, () => {});
  } catch {}
}
process.kill(process.pid, "SIGTERM");
process.kill(process.pid, "SIGINT");
await new Promise((resolve) => setTimeout(resolve, 10));
say("deaf", "yes");
if (amount > 0) setInterval(() => {}, 1000);
`,
} as const;

const showsDeaf = {
  place: "ordinary",
  shows: ({ report, signal }: { report: object; signal: string | null }) =>
    expect([report, signal]).toEqual([{ deaf: "yes" }, null]),
} as const;

export const timeLimits: readonly Attack[] = [
  {
    id: "signals.sleeps-past-limit",
    programs: {
      c: "if (amount > 0) pause_for(amount);",
      bash: 'sleep "$amount"',
      javascript: "setTimeout(() => {}, amount * 1000);",
    },
    amount: 600,
    request: { limits: { timeoutMs: 400 } },
    holds: ({ execution }) => expect(execution.outcome).toEqual(timedOut),
    control: { why: "nothing on the host ends a process that sleeps" },
  },
  {
    id: "signals.ignores-all",
    variant: "at the time limit",
    programs: deaf,
    amount: 1,
    request: { limits: { timeoutMs: stretched(3_000) } }, // time enough to become deaf
    holds: ({ execution, report }) => expect([execution.outcome, report]).toEqual([timedOut, { deaf: "yes" }]),
    control: showsDeaf,
  },
  {
    id: "signals.ignores-all",
    variant: "cancelled with a grace",
    programs: deaf,
    amount: 1,
    during: async (run) => {
      await untilPrinted(run, '"yes"}\n');
      run.cancel({ graceMs: 200 });
    },
    holds: ({ execution }) => {
      expect(execution.outcome).toEqual({ kind: "cancelled", violations: [], stage: "run" });
      expect(execution.metrics.wallMs).toBeGreaterThanOrEqual(200);
    },
    control: { why: "the same programs" },
  },
  {
    id: "signals.busy-past-cpu-limit",
    programs: {
      c: 'while (amount > 0) __asm__ volatile("");',
      bash: "while ((amount > 0)); do :; done",
      javascript: "while (amount > 0);",
    },
    amount: 1,
    request: { limits: { cpuMs: 300, timeoutMs: stretched(20_000) } },
    holds: ({ execution }) => expect(execution.outcome).toEqual(ofCpu),
    control: { why: "nothing on the host ends a process that is busy" },
  },
  {
    id: "signals.busy-past-cpu-limit",
    variant: "spread over threads and short-lived processes",
    programs: {
      c: String.raw`
  void *spin(void *_) { while (amount > 0) __asm__ volatile(""); return _; }
  pthread_t thread;
  for (int count = 0; count < 4 && amount > 0; count++) pthread_create(&thread, NULL, spin, NULL);
  if (amount > 0) syscall(SYS_exit, 0); /* the first thread alone: the process lives on in the others */
`,
      bash: "while ((amount > 0)); do (for n in {1..2000}; do :; done); done",
      javascript: String.raw`
for (let count = 0; count < 3 && amount > 0; count++) new Worker("while (true);", { eval: true });
`,
    },
    amount: 1,
    request: { limits: { cpuMs: 500, timeoutMs: stretched(20_000) } },
    holds: ({ execution }) => expect(execution.outcome).toEqual(ofCpu),
    control: { why: "nothing on the host ends a process that is busy" },
  },
  {
    id: "signals.busy-past-cpu-limit",
    variant: "in children whose end their parent ignores",
    programs: {
      c: String.raw`
  signal(SIGCHLD, SIG_IGN); /* the kernel adds their time to nobody's */
  while (amount > 0) {
    int ends[2];
    if (pipe(ends) != 0) return 1;
    if (fork() == 0) {
      struct timespec used;
      do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used); while (used.tv_nsec < 8000000); /* less than a tick */
      _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], room, 1) != 0) return 1;
    close(ends[0]);
  }
`,
    },
    amount: 1,
    // Without a cgroup nobody knows of this time, and the wall clock has to end it (docs/threat-model.md): the making of
    // children, which is known, is far from a sixth of the time.
    request: { limits: { cpuMs: stretched(1_000), timeoutMs: stretched(6_000) } },
    holds: ({ execution, isolation }) =>
      expect(execution.outcome).toEqual(isolation.cgroups === "none" ? timedOut : ofCpu),
    control: { why: "nothing on the host ends a process that is busy" },
  },
  {
    id: "signals.stops-itself",
    programs: {
      c: String.raw`
  for (int count = 0; count < 3 && amount > 0; count++) {
    if (fork() == 0) for (;;) kill(getpid(), SIGSTOP);
  }
  if (amount > 0) kill(getpid(), SIGSTOP);
  say("stopped", "and went on");
`,
      bash: String.raw`
for n in 1 2 3; do ((amount == 0)) || while :; do kill -STOP $BASHPID; done & done
((amount == 0)) || kill -STOP $$
say stopped 'and went on'
`,
      javascript: String.raw`
if (amount > 0) {
  child.spawn("/bin/sh", ["-c", "while :; do kill -STOP $$; done"]);
  process.kill(process.pid, "SIGSTOP");
}
say("stopped", "and went on");
`,
    },
    amount: 1,
    request: { limits: { timeoutMs: stretched(600) } },
    holds: ({ execution, report }) => expect([execution.outcome, report]).toEqual([timedOut, {}]),
    control: {
      place: "ordinary",
      shows: ({ report }) => expect(report).toEqual({ stopped: "and went on" }),
    },
  },
];
