import { expect } from "vitest";
import { stretched } from "../../../support/host-slowness.ts";
import type { Attack, Attacked } from "../theme.ts";
import { counted, hold } from "./counted.ts";

const MIB = 1024 * 1024;
/** Time enough for every bomb to meet its limit. */
const bombLimits = { processes: 40, timeoutMs: stretched(3_000), memoryBytes: 512 * MIB };

/** The most processes that any sample of a run has seen. */
function mostProcesses({ execution }: Attacked): number {
  return Math.max(0, ...(execution.metrics.samples ?? []).map((sample) => sample.processes));
}

function staysWithin(attacked: Attacked): void {
  const { outcome } = attacked.execution;
  // Sampling may never see a bomb at its limit whose processes come and go.
  const seen = attacked.isolation.cgroups === "none" ? [["processes"], []] : [["processes"]];
  expect(seen).toContainEqual("violations" in outcome && outcome.violations);
  expect(["timed-out", "exited", "signalled"]).toContain(outcome.kind);
  if (counted(attacked)) expect(mostProcesses(attacked)).toBeLessThanOrEqual(48);
}

export const bombs: readonly Attack[] = [
  {
    id: "processes.fork-bomb",
    programs: {
      c: String.raw`
  pid_t first = getpid();
  bool endless = amount > 1000, said_so = false;
  long made = 0;
  while (made < amount) {
    long child = made % 2 == 0 ? syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : fork();
    if (child > 0) made++;
    if (child == 0 && !endless) { pause_for(30); _exit(0); }
    if (child < 0 && getpid() == first && !said_so) { said_so = true; say("refused", said(-1)); }
  }
  say_number("made", made);
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
`,
      bash: String.raw`
if ((amount > 1000)); then
  bomb() { bomb | bomb & }
  while :; do bomb; done
fi
for ((made = 0; made < amount; made++)); do sleep 30 & done
printf '{"made":%d}\n' "$(jobs -p | wc -l)"
kill $(jobs -p)
`,
      javascript: String.raw`
let made = 0;
const children = [];
const start = () => {
  const one = child.spawn("/bin/sh", ["-c", amount > 1000 ? "while :; do sleep 60 & done" : "sleep 30"], { detached: true });
  one.on("error", (error) => say("refused", error.code)).on("spawn", () => children.push(one));
  if (++made < amount) setImmediate(start);
  else setTimeout(() => { say("made", children.length); for (const one of children) process.kill(-one.pid, "SIGKILL"); }, 200);
};
if (amount > 0) start();
`,
    },
    amount: 1_000_000,
    request: { limits: bombLimits, sampleIntervalMs: 20 },
    holds: staysWithin,
    control: { place: "ordinary", amount: 60, shows: ({ report }) => expect(report).toEqual({ made: 60 }) },
  },
  {
    id: "processes.fork-bomb",
    variant: "by vfork and shared memory",
    programs: {
      c: String.raw`
  bool endless = amount > 1000;
  for (long made = 0; made < amount; made++) {
    if (vfork() == 0) { /* by the library, which keeps the way back of the parent: both have one stack */
      if (!endless) _exit(0);
      if (fork() == 0) continue;
      _exit(0);
    }
    if (syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, 0, 0, 0, 0) == 0 && !endless) _exit(0);
  }
  say_number("made", amount);
`,
    },
    amount: 1_000_000,
    request: { limits: bombLimits, sampleIntervalMs: 20 },
    holds: staysWithin,
    control: { place: "ordinary", amount: 10, shows: ({ report }) => expect(report).toEqual({ made: 10 }) },
  },
  {
    id: "processes.thread-bomb",
    programs: {
      c: String.raw`
  void *wait_for_ever(void *_) { pause_for(30); return _; }
  pthread_t thread;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 1 << 16);
  long made = 0, refused = 0;
  while (made < amount && (refused = pthread_create(&thread, &small, wait_for_ever, NULL)) == 0) made++;
  errno = refused;
  say_number("made", made);
  say("refused", refused == 0 ? "nothing" : said(-1));
  pause_for(atof(told("HOLD")));
  _exit(0);
`,
      javascript: String.raw`
let made = 0, refused = "nothing";
try {
  for (; made < amount; made++) new Worker("setTimeout(() => {}, 30000)", { eval: true }).on("error", () => {});
} catch (error) {
  refused = error.code;
}
say("made", made);
say("refused", refused);
pauseFor(Number(told.HOLD ?? 0));
process.exit();
`,
    },
    amount: 60,
    hints: hold,
    request: { limits: { ...bombLimits, timeoutMs: stretched(20_000), memoryBytes: 1024 * MIB } },
    holds: (attacked) => {
      const { outcome } = attacked.execution;
      expect(outcome).toMatchObject({ violations: ["processes"] });
      if (!counted(attacked)) expect(outcome).toMatchObject({ kind: "signalled", signal: "SIGKILL" });
      else {
        expect(attacked.report.refused).toBe(attacked.language === "c" ? "EAGAIN" : "ERR_WORKER_INIT_FAILED");
        expect(attacked.report.made).toBeLessThan(48);
      }
    },
    control: { place: "ordinary", amount: 42, shows: ({ report }) => expect(report.made).toBe(42) },
  },
  {
    // Bash and Node wait for their children.
    id: "processes.zombie-flood",
    programs: {
      c: String.raw`
  long made = 0;
  bool refused = false;
  while (made < amount && !refused) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child < 0) refused = true; else made++;
  }
  say("refused", refused ? said(-1) : "nothing");
  say_number("made", made);
  if (refused) pause_for(atof(told("HOLD")));
`,
    },
    amount: 150,
    hints: hold,
    request: { limits: { ...bombLimits, timeoutMs: stretched(20_000) } },
    holds: (attacked) => {
      const { execution, report } = attacked;
      if (!counted(attacked)) return;
      expect(execution.outcome).toMatchObject({ violations: ["processes"] });
      expect(report.refused).toBe("EAGAIN");
      expect(report.made).toBeLessThan(48);
    },
    control: { place: "ordinary", amount: 100, shows: ({ report }) => expect(report.refused).toBe("nothing") },
  },
];
