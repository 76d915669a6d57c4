import { expect } from "vitest";
import { processesWith } from "../../../support/host-processes.ts";
import { eventually } from "../../../support/host-slowness.ts";
import type { Attack } from "../theme.ts";
import { counted } from "./counted.ts";

const mark = "daemon-$TARGET_ABSTRACT";

/** Children that outlive who made them. */
export const orphans: readonly Attack[] = [
  {
    id: "processes.orphans-do-not-add-up",
    programs: {
      c: String.raw`
  long here(void) {
    long count = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] > '0' && entry->d_name[0] <= '9';
    closedir(folder);
    return count;
  }
  long done = 0, most = atol(told("MOST"));
  while (done < amount) {
    while (here() > most) pause_for(0.002);
    pid_t child = fork();
    int status = 1;
    if (child == 0) _exit(fork() < 0); /* the grandchild is an orphan as soon as the child has ended */
    if (child > 0) waitpid(child, &status, 0);
    if (status == 0) done++;
    else pause_for(0.02);
  }
  say_number("done", done);
`,
      bash: String.raw`
done=0
while ((done < amount)); do
  while here=(/proc/[1-9]*); ((${"$"}{#here[@]} > MOST)); do sleep 0.01; done
  if (/bin/true & ) 2>/dev/null; then ((++done)); else sleep 0.02; fi
done
printf '{"done":%d}\n' "$done"
`,
      javascript: String.raw`
let done = 0;
const here = () => fs.readdirSync("/proc").filter((name) => /^[1-9]/.test(name)).length;
while (done < amount) {
  while (here() > told.MOST) pauseFor(0.002);
  const { status } = child.spawnSync("/bin/sh", ["-c", "/bin/true & exit 0"], { stdio: "ignore" });
  if (status === 0) done++;
  else pauseFor(0.02);
}
say("done", done);
`,
    },
    amount: 80,
    request: { limits: { processes: 32 } },
    // A warden that only samples ends whoever it finds with too many: orphans wait there for it to keep up.
    hints: (isolation) => ({ MOST: counted({ isolation }) ? "1000" : "8" }),
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
  if (pipe2(ends, O_CLOEXEC) != 0) return 1;
  if (fork() == 0) {
    setsid();
    if (fork() > 0) _exit(0);
    sigset_t every;
    sigfillset(&every);
    sigprocmask(SIG_BLOCK, &every, NULL);
    int null = open("/dev/null", O_RDWR);
    for (int descriptor = 0; descriptor < 3; descriptor++) dup2(null, descriptor);
    execl("/bin/sleep", mark, "600", NULL);
    _exit(1);
  }
  close(ends[1]);
  if (read(ends[0], room, 1) != 0) return 1; /* ends when the daemon runs a program of its own */
  say("mark", mark);
`,
      bash: String.raw`
mark=${mark}-bash
trap '' HUP TERM
setsid -f bash -c 'exec -a "$0" sleep 600' "$mark" </dev/null >/dev/null 2>&1
until grep -aqs "^$mark" /proc/[1-9]*/cmdline; do sleep 0.01; done
say mark "$mark"
`,
      javascript: String.raw`
const mark = "daemon-" + told.TARGET_ABSTRACT + "-javascript";
child.spawn("/bin/sleep", ["600"], { argv0: mark, detached: true, stdio: "ignore" }).unref();
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
        const left = await eventually("the daemon runs", () => {
          const found = processesWith(String(report.mark));
          return found.length > 0 ? found : undefined;
        });
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
];
