import { expect } from "vitest";
import { type Attack, all, type Survey } from "../theme.ts";

/** Lifts limits and takes priority. */
const raise = {
  c: String.raw`
  static const struct { const char *name; int number; } limits[] = {
    {"NOFILE", RLIMIT_NOFILE}, {"FSIZE", RLIMIT_FSIZE}, {"CPU", RLIMIT_CPU}, {"MEMLOCK", RLIMIT_MEMLOCK},
    {"MSGQUEUE", RLIMIT_MSGQUEUE}, {"SIGPENDING", RLIMIT_SIGPENDING}, {"NICE", RLIMIT_NICE}, {"RTPRIO", RLIMIT_RTPRIO},
  };
  for (unsigned index = 0; index < sizeof limits / sizeof *limits; index++) {
    struct rlimit limit;
    char name[64];
    getrlimit(limits[index].number, &limit);
    limit.rlim_max += 1;
    TRIAL(limits[index].name, setrlimit(limits[index].number, &limit));
    snprintf(name, sizeof name, "prlimit %s", limits[index].name);
    TRIAL(name, syscall(SYS_prlimit64, 0, limits[index].number, &limit, 0L));
  }
  struct rlimit none = {0, 0}, every = {RLIM_INFINITY, RLIM_INFINITY};
  TRIAL("core lower", syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, 0L));
  TRIAL("core higher", syscall(SYS_prlimit64, 0, RLIMIT_CORE | 1L << 40, &every, 0L));
  TRIAL("core by setrlimit", syscall(SYS_setrlimit, RLIMIT_CORE, &every));
  TRIAL("nice", setpriority(PRIO_PROCESS, 0, -5));
  TRIAL("nice group", setpriority(PRIO_PGRP, 0, -5));
  struct sched_param one = {1};
  TRIAL("fifo", sched_setscheduler(0, SCHED_FIFO, &one));
  TRIAL("round robin", sched_setscheduler(0, SCHED_RR, &one));
  struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; }
    attributes = {48, 6, 0, 0, 0, 10000000, 100000000, 100000000};
  TRIAL("deadline", syscall(SYS_sched_setattr, 0, &attributes, 0));
  TRIAL("io", syscall(SYS_ioprio_set, 1, 0, 1 << 13));
`,
  bash: String.raw`
trial NOFILE ulimit -Hn $(($(ulimit -Hn) + 1))
trial FSIZE eval 'ulimit -Hf unlimited'
trial CPU eval 'ulimit -Ht unlimited'
trial 'prlimit NOFILE' prlimit --pid $$ --nofile=1048576
trial 'core lower' ulimit -c 0
trial 'core higher' ulimit -Hc unlimited
trial nice renice -n -5 -p $$
trial fifo chrt --fifo 1 true
trial 'round robin' chrt --rr 1 true
trial io ionice -c 1 true
`,
  javascript: String.raw`
trial("nice", () => os.setPriority(0, -5));
trial("nice of its own number", () => os.setPriority(process.pid, -20));
`,
} as const;

const isRoot = process.getuid?.() === 0;
const limits = ["NOFILE", "FSIZE", "CPU", "MEMLOCK", "MSGQUEUE", "SIGPENDING", "NICE", "RTPRIO"];
const raised = [...limits, ...limits.map((name) => `prlimit ${name}`)];

export const limitsAndPriority: Survey = {
  name: "raise",
  control: "plain",
  programs: raise,
  answers: [
    {
      id: "privileges.limits",
      languages: ["c"],
      inside: all([...raised, "core lower", "core higher", "core by setrlimit"], "EPERM"),
      outside: { "core lower": "ok" },
    },
    {
      id: "privileges.limits",
      languages: ["bash"],
      inside: all(["NOFILE", "FSIZE", "CPU", "prlimit NOFILE", "core lower", "core higher"], "EPERM"),
      outside: { "core lower": "ok" },
    },
    {
      id: "privileges.scheduling",
      inside: { nice: "EACCES" },
      // Root of the host may; its ordinary users are refused by the kernel as the program is.
      outside: { nice: isRoot ? "ok" : "EACCES" },
    },
    {
      id: "privileges.scheduling",
      languages: ["javascript"],
      inside: { "nice of its own number": "EACCES" },
    },
    {
      id: "privileges.scheduling",
      languages: ["bash", "c"],
      inside: all(["fifo", "round robin", "io"], "EPERM"),
    },
    {
      id: "privileges.scheduling",
      languages: ["c"],
      inside: { deadline: "EPERM", "nice group": "EACCES" },
    },
  ],
};

export const crashes: readonly Attack[] = [
  {
    id: "privileges.deep-recursion",
    programs: {
      c: String.raw`
  struct deep { char room[4096]; };
  int sink(int depth) {
    volatile struct deep frame;
    frame.room[depth % 4096] = depth;
    return depth == amount ? 0 : sink(depth + 1) + frame.room[(depth + 7) % 4096];
  }
  say_number("depth", sink(0) * 0 + amount);
`,
      bash: String.raw`
left=$amount
deeper='if ((left-- == 0)); then say depth "$amount"; else eval "$deeper"; fi'
eval "$deeper"
`,
      javascript: String.raw`
const deeper = "const deeper = (left) => (left === 0 ? 0 : 1 + deeper(left - 1)); deeper(" + amount + ")";
const worker = new Worker(deeper, { eval: true, resourceLimits: { stackSizeMb: 4000 } });
worker.on("exit", () => say("depth", amount));
`,
    },
    amount: 10_000_000,
    request: { limits: { memoryBytes: 128 << 20 } },
    holds: ({ execution, report }) => {
      expect(report).toEqual({});
      // Where the stack may be larger the memory limit is met first.
      const ends = ["signalled SIGSEGV", "signalled SIGBUS", "out-of-memory"];
      const { outcome } = execution;
      expect(ends).toContain(outcome.kind === "signalled" ? `signalled ${outcome.signal}` : outcome.kind);
    },
    control: {
      place: "ordinary",
      amount: 100,
      shows: ({ report }) => expect(Number(report.depth)).toBe(100),
    },
  },
  {
    id: "privileges.limits",
    variant: "no core file",
    programs: {
      c: String.raw`
  pid_t crashing = fork();
  if (crashing == 0) abort();
  int status;
  waitpid(crashing, &status, 0);
  say_number("core", WCOREDUMP(status));
  say("left", listing("/workspace"));
  if (amount > 0) abort();
`,
      bash: String.raw`
(kill -SEGV $BASHPID)
say left "$(listing /workspace)"
((amount == 0)) || kill -ABRT $$
`,
    },
    amount: 1,
    holds: ({ execution, report }) => {
      expect(execution.outcome).toEqual({ kind: "signalled", signal: "SIGABRT", violations: [], stage: "run" });
      expect([report.core ?? 0, execution.artifacts]).toEqual([0, []]);
      expect(report.left).toMatch(/^main\.(c|sh)$/);
    },
    control: { why: "what a host does with a core file is its own setting" },
  },
];
