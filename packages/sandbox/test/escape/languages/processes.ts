import { expect } from "vitest";
import { processesWith } from "../../support/host-processes.ts";
import { eventually, stretched } from "../../support/host-slowness.ts";
import type { Attacked, Theme } from "./theme.ts";

const MIB = 1024 * 1024;
const bombLimits = { processes: 40, timeoutMs: stretched(1_200), memoryBytes: 512 * MIB };

/** Whether a count of the kernel refuses a process too many, or only the sampling of the warden finds it. */
const counted = ({ isolation }: Attacked) => isolation.cgroups !== "none" || isolation.uids === "separate";

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

const mark = "daemon-$TARGET_ABSTRACT";

export const processes: Theme = {
  title: "processes",
  surveys: [
    {
      name: "processes",
      control: "plain",
      programs: {
        c: String.raw`
  char listed[1 << 14] = "", reached[1 << 10] = "";
  DIR *folder = opendir("/proc");
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || strlen(listed) > sizeof listed - 32) continue;
    strcat(strcat(listed, listed[0] ? " " : ""), entry->d_name);
  }
  for (int number = 1; number < 70000 && strlen(reached) < sizeof reached - 32; number++) {
    if (kill(number, 0) == 0 || errno != ESRCH) sprintf(reached + strlen(reached), reached[0] ? " %d" : "%d", number);
  }
  say("listed", listed);
  say("reached", reached);
  say_number("parent", getppid());
  say_number("session of the parent", getsid(getppid()));
`,
        bash: String.raw`
listed=
for place in /proc/[1-9]*; do listed+=${"$"}{listed:+ }${"$"}{place#/proc/}; done
reached=
for number in {1..400}; do
  if kill -0 "$number" 2>/dev/null; then reached+=${"$"}{reached:+ }$number; fi
done
say listed "$listed"
say reached "$reached"
printf '{"parent":%d}\n' "$PPID"
`,
        javascript: String.raw`
say("listed", fs.readdirSync("/proc").filter((name) => /^[1-9]/.test(name)).join(" "));
const reached = [];
for (let number = 1; number < 70000; number++) {
  try {
    process.kill(number, 0);
    reached.push(number);
  } catch (error) {
    if (error.code !== "ESRCH") reached.push(number);
  }
}
say("reached", reached.join(" "));
say("parent", process.ppid);
`,
      },
      answers: [
        {
          id: "processes.others-invisible",
          // Process 1 is the warden: it answers to its number, is in no list and takes no signal (see signals). The
          // others are the program and its threads.
          inside: { listed: "2", reached: /^(1 )?2( [3-9]| 1\d)*$/, parent: 1 },
          outside: { listed: /^\d+ \d+ \d+/ },
        },
        {
          // Bash does not tell a process of others from none.
          id: "processes.others-invisible",
          languages: ["javascript", "c"],
          inside: { reached: /2/ },
          outside: { reached: /^\d+ \d+/ },
        },
      ],
    },
  ],
  attacks: [
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
    if (syscall(SYS_vfork) == 0) {
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
  pause_for(0.3); /* long enough for a warden that only samples to see them */
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
pauseFor(0.3); // long enough for a warden that only samples to see them
process.exit();
`,
      },
      amount: 60,
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
  if (refused) pause_for(0.2);
`,
      },
      amount: 150,
      request: { limits: { ...bombLimits, timeoutMs: stretched(3_000) } },
      holds: (attacked) => {
        const { execution, report } = attacked;
        if (!counted(attacked)) return;
        expect(execution.outcome).toMatchObject({ violations: ["processes"] });
        expect(report.refused).toBe("EAGAIN");
        expect(report.made).toBeLessThan(48);
      },
      control: { place: "ordinary", amount: 100, shows: ({ report }) => expect(report.refused).toBe("nothing") },
    },
    {
      id: "processes.orphans-do-not-add-up",
      programs: {
        c: String.raw`
  long done = 0, refused = 0;
  while (done < amount && refused < 200) {
    pid_t child = fork();
    int status = 1;
    if (child == 0) _exit(fork() < 0); /* the grandchild is an orphan as soon as the child has ended */
    if (child > 0) waitpid(child, &status, 0);
    if (status == 0) done++;
    else { refused++; pause_for(0.02); }
  }
  say_number("done", done);
`,
        bash: String.raw`
done=0 refused=0
while ((done < amount && refused < 100)); do
  if (/bin/true & ) 2>/dev/null; then ((++done)); else ((++refused)); sleep 0.02; fi
done
printf '{"done":%d}\n' "$done"
`,
        javascript: String.raw`
let done = 0;
for (let tries = 0; done < amount && tries < 2 * amount; tries++) {
  const { status } = child.spawnSync("/bin/sh", ["-c", "/bin/true & exit 0"], { stdio: "ignore" });
  if (status === 0) done++;
  else pauseFor(0.02);
}
say("done", done);
`,
      },
      amount: 80,
      request: { limits: { processes: 32 } },
      holds: ({ execution, report }) => expect([execution.outcome.kind, report]).toEqual(["exited", { done: 80 }]),
      control: { why: "it is a promise to programs that do no harm" },
    },
    {
      id: "processes.daemon",
      programs: {
        c: String.raw`
  char mark[256];
  int ends[2];
  snprintf(mark, sizeof mark, "daemon-%s-c", told("TARGET_ABSTRACT"));
  if (pipe(ends) != 0) return 1;
  if (fork() == 0) {
    setsid();
    if (fork() > 0) _exit(0);
    sigset_t every;
    sigfillset(&every);
    sigprocmask(SIG_BLOCK, &every, NULL);
    int null = open("/dev/null", O_RDWR);
    for (int descriptor = 0; descriptor < 3; descriptor++) dup2(null, descriptor);
    write_all(ends[1], "x", 1);
    execl("/bin/sleep", mark, "600", NULL);
  }
  if (read(ends[0], room, 1) < 0) return 1;
  pause_for(0.1);
  say("mark", mark);
`,
        bash: String.raw`
mark=${mark}-bash
trap '' HUP TERM
setsid -f bash -c 'exec -a "$0" sleep 600' "$mark" </dev/null >/dev/null 2>&1
sleep 0.2
say mark "$mark"
`,
        javascript: String.raw`
const mark = "daemon-" + told.TARGET_ABSTRACT + "-javascript";
child.spawn("/bin/sleep", ["600"], { argv0: mark, detached: true, stdio: "ignore" }).unref();
pauseFor(0.2);
say("mark", mark);
`,
      },
      holds: ({ execution, report }) => {
        expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
        expect(processesWith(String(report.mark))).toEqual([]);
      },
      control: {
        place: "plain",
        shows: async ({ report }) => {
          const left = processesWith(String(report.mark));
          expect(left).toHaveLength(1);
          for (const pid of left) process.kill(pid, "SIGKILL");
          await eventually("the daemon is gone", () =>
            processesWith(String(report.mark)).length === 0 ? true : undefined,
          );
        },
      },
    },
    {
      id: "processes.orphan-holds-output",
      programs: {
        c: String.raw`
  if (amount > 0 && fork() == 0) {
    sigset_t every;
    sigfillset(&every);
    sigprocmask(SIG_BLOCK, &every, NULL);
    setsid();
    pause_for(600);
  }
  say("done", "yes");
`,
        bash: String.raw`
((amount == 0)) || (trap '' TERM HUP; setsid sleep 600 &)
say done yes
`,
        javascript: String.raw`
if (amount > 0) child.spawn("/bin/sleep", ["600"], { detached: true, stdio: "inherit" }).unref();
say("done", "yes");
`,
      },
      amount: 1,
      request: { limits: { timeoutMs: 20_000 } },
      holds: ({ execution, report }) => {
        expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
        expect(report).toEqual({ done: "yes" });
        expect(execution.metrics.wallMs).toBeLessThan(15_000);
      },
      control: { why: "whoever waits for the end of an output on the host waits for all who have it" },
    },
  ],
};
