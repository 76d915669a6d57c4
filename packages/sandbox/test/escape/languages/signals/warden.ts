import { expect } from "vitest";
import { type Attack, all, type Survey } from "../theme.ts";

/** Every way to change another process of which the number is known. */
const cripple = {
  c: String.raw`
  pid_t victim = atoi(told("VICTIM"));
  struct rlimit none = {0, 0};
  static const struct { const char *name; int number; } limits[] = {
    {"cpu", RLIMIT_CPU}, {"files", RLIMIT_NOFILE}, {"memory", RLIMIT_AS}, {"size", RLIMIT_FSIZE}, {"data", RLIMIT_DATA},
  };
  for (int index = 0; index < 5; index++) {
    TRIAL(limits[index].name, syscall(SYS_prlimit64, victim, limits[index].number, &none, 0L));
  }
  TRIAL("high bits", syscall(SYS_prlimit64, victim | 1L << 40, RLIMIT_CPU, &none, 0L));
  TRIAL("priority", setpriority(PRIO_PROCESS, victim, 19));
  struct sched_param idle = {0};
  TRIAL("scheduler", sched_setscheduler(victim, SCHED_IDLE, &idle));
  struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; }
    attributes = {48, SCHED_IDLE, 0, 0, 0, 0, 0, 0};
  TRIAL("scheduler attributes", syscall(SYS_sched_setattr, victim, &attributes, 0));
  TRIAL("io priority", syscall(SYS_ioprio_set, 1, victim, 3 << 13));
  unsigned long first = 1;
  TRIAL("affinity", syscall(SYS_sched_setaffinity, victim, sizeof first, &first));
  TRIAL("memory release", syscall(SYS_process_mrelease, syscall(SYS_pidfd_open, victim, 0), 0));
  void *list;
  size_t size;
  TRIAL("futex list", syscall(SYS_get_robust_list, victim, &list, &size));
`,
  bash: String.raw`
trial files prlimit --pid "$VICTIM" --nofile=0
trial size prlimit --pid "$VICTIM" --fsize=0
trial priority renice -n 19 -p "$VICTIM"
trial scheduler chrt --idle --pid 0 "$VICTIM"
trial 'io priority' ionice -c 3 -p "$VICTIM"
trial affinity taskset --pid 1 "$VICTIM"
`,
  javascript: String.raw`
trial("priority", () => os.setPriority(Number(told.VICTIM), 19));
`,
} as const;

const inEveryLanguage = ["priority"];
const inShell = ["files", "size", "scheduler", "io priority", "affinity"];
const inC = [...inShell, "cpu", "memory", "data", "high bits", "scheduler attributes"];

/**
 * Sends every signal to the process VICTIM in every way there is. With an amount it then kills everything that it can
 * reach: never outside of a namespace of its own.
 */
const killer = {
  c: String.raw`
  pid_t victim = atoi(told("VICTIM"));
  char answers[256] = "";
  void note(long result) {
    const char *text = said(result);
    if (strstr(answers, text) == NULL) strcat(strcat(answers, answers[0] ? " " : ""), text);
  }
  union sigval value = {0};
  int handle = syscall(SYS_pidfd_open, victim, 0);
  for (int number = 1; number < 65; number++) {
    if (number == SIGKILL) continue; /* comes last, so that there is somebody to send the others to */
    note(kill(victim, number));
    note(sigqueue(victim, number, value));
    note(syscall(SYS_tgkill, victim, victim, number));
    note(syscall(SYS_pidfd_send_signal, handle, number, 0L, 0));
  }
  say("answers", answers);
  siginfo_t forged = {.si_signo = SIGKILL, .si_code = SI_KERNEL};
  TRIAL("in the kernel's name", syscall(SYS_rt_sigqueueinfo, victim, SIGKILL, &forged));
  int ends[2];
  if (pipe(ends) != 0) return 1;
  fcntl(ends[0], F_SETSIG, SIGKILL); /* the kernel is to send it when there is something to read */
  TRIAL("as owner of a pipe", fcntl(ends[0], F_SETOWN, victim) + fcntl(ends[0], F_SETFL, O_ASYNC));
  fcntl(ends[0], F_SETOWN, victim);
  fcntl(ends[0], F_SETFL, O_ASYNC);
  write_all(ends[1], "x", 1);
  TRIAL("last", kill(victim, SIGKILL));
  if (amount == 0) return 0;
  signal(SIGTERM, SIG_IGN);
  TRIAL("everyone", kill(-1, SIGCONT));
  TRIAL("group", kill(0, SIGCONT));
  if (fork() == 0) {
    kill(-1, SIGKILL);
    _exit(0);
  }
  pause_for(600);
`,
  bash: String.raw`
answers=
for number in {1..64}; do
  ((number != 9)) || continue
  text=$(kill -"$number" "$VICTIM" 2>&1)
  text=$(error_name $? "$text")
  [[ " $answers " == *" $text "* ]] || answers+=${"$"}{answers:+ }$text
done
say answers "$answers"
trial last kill -KILL "$VICTIM"
if ((amount > 0)); then
  trap '' TERM
  trial everyone kill -CONT -1
  kill -KILL -1 & # in a subshell, which kill(2) leaves out
  sleep 600
fi
`,
  javascript: String.raw`
const victim = Number(told.VICTIM);
const answers = new Set();
for (let number = 1; number < 65; number++) {
  if (number !== 9) answers.add(outcome(() => process.kill(victim, number)));
}
say("answers", [...answers].join(" "));
trial("last", () => process.kill(victim, "SIGKILL"));
if (amount > 0) {
  process.on("SIGTERM", () => {});
  trial("everyone", () => process.kill(-1, "SIGCONT"));
  child.spawn("/bin/sh", ["-c", "kill -KILL -1"], { detached: true });
  setInterval(() => {}, 1000);
}
`,
} as const;

export const cripplesWarden: Survey = {
  name: "cripple",
  control: "victim",
  programs: cripple,
  hints: { inside: { VICTIM: "1" } },
  answers: [
    { id: "signals.cripples-warden", inside: all(inEveryLanguage, "EPERM"), outside: all(inEveryLanguage, "ok") },
    {
      id: "signals.cripples-warden",
      languages: ["bash"],
      inside: all(inShell, "EPERM"),
      outside: all(["files", "size", "scheduler", "io priority", "affinity"], "ok"),
    },
    {
      id: "signals.cripples-warden",
      languages: ["c"],
      inside: { ...all(inC, "EPERM"), "memory release": ["EPERM", "EINVAL", "EBADF"], "futex list": "EPERM" },
      outside: { ...all(inC, "ok"), "futex list": "ok" },
    },
  ],
};

export const killsWarden: Attack = {
  id: "signals.kills-warden",
  programs: killer,
  amount: 1,
  request: { env: { VICTIM: "1" } },
  holds: ({ execution, report, isolation, language }) => {
    // With a uid of its own the warden cannot be signalled; with a shared one the kernel shields process 1.
    const answer = isolation.uids === "separate" ? "EPERM" : "ok";
    expect(
      String(report.answers)
        .split(" ")
        .filter((word) => !["EINVAL", "EAGAIN"].includes(word)),
    ).toEqual([answer]);
    expect(report.last).toBe(answer);
    if (language === "c") expect(report["in the kernel's name"]).toBe("EPERM");
    expect(execution.outcome).toEqual({ kind: "signalled", signal: "SIGKILL", violations: [], stage: "run" });
  },
  control: { place: "victim", kills: true, shows: ({ victimEnded }) => expect(victimEnded).toBe(true) },
};
