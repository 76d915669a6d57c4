import { expect } from "vitest";
import { all, type Theme } from "./theme.ts";

/** What a program has from its first instruction on, read from its own status. */
const own = {
  c: String.raw`
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, status)) {
    char name[64], value[128];
    if (sscanf(line, "%63[^:]:\t%127[^\n]", name, value) == 2) say(name, value);
  }
  gid_t groups[64];
  say_number("groups", getgroups(64, groups));
  say_number("securebits", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
  char path[4200];
  snprintf(path, sizeof path, "%s/shell", told("PLACE"));
  say("can be root", getuid() == 0 ? "is" : "is not");
  TRIAL("file capability", setxattr(path, "security.capability", "\1\0\0\2\377\377\377\377\0\0\0\0\0\0\0\0", 16, 0));
`,
  bash: String.raw`
while IFS=$':\t' read -r name value; do say "$name" "$value"; done </proc/self/status
say 'can be root' "$( ((UID == 0)) && echo is || echo 'is not')"
`,
  javascript: String.raw`
for (const line of fs.readFileSync("/proc/self/status", "utf8").split("\n")) {
  const [name, value] = line.split(":\t");
  if (value !== undefined) say(name, value.trim());
}
say("groups", process.getgroups().filter((group) => group !== process.getgid()).length);
say("can be root", process.getuid() === 0 ? "is" : "is not");
`,
} as const;

/** Every way to take back what was given up. */
const regain = {
  c: String.raw`
  uid_t other = getuid() + 1;
  char owned[4200];
  snprintf(owned, sizeof owned, "%s/owned", told("PLACE"));
  TRIAL("own file", put(owned, "x"));
  TRIAL("setuid", setuid(other));
  TRIAL("setreuid", setreuid(other, other));
  TRIAL("setresuid", setresuid(other, other, other));
  TRIAL("setgid", setgid(other));
  TRIAL("setregid", setregid(other, other));
  TRIAL("setresgid", setresgid(other, other, other));
  TRIAL("setgroups", setgroups(1, &other));
  say_number("setfsuid", (setfsuid(other), setfsuid(-1)) == (int)other);
  say_number("setfsgid", (setfsgid(other), setfsgid(-1)) == (int)other);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct every[2] = {{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}};
  TRIAL("capset", syscall(SYS_capset, &header, every));
  TRIAL("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0));
  TRIAL("securebits", prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
  TRIAL("keepcaps", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
  TRIAL("new privileges", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  TRIAL("filter off", prctl(PR_SET_SECCOMP, 0, 0, 0, 0));
  TRIAL("strict filter", syscall(SYS_seccomp, 0, 1, 0L));
  TRIAL("chown", chown(owned, other, other));
  TRIAL("uid map", poke("/proc/self/uid_map", "0 0 1"));
  unlink(owned);
`,
  bash: String.raw`
other=$((UID + 1))
trial 'own file' eval ': >"$PLACE/owned"'
trial setuid setpriv --reuid=$other true
trial setgid setpriv --regid=$other --clear-groups true
trial ambient setpriv --inh-caps=+sys_admin --ambient-caps=+sys_admin true
trial chown chown "$other" "$PLACE/owned"
trial 'uid map' eval 'echo 0 0 1 1<>/proc/self/uid_map'
rm -f "$PLACE/owned"
`,
  javascript: String.raw`
const other = process.getuid() + 1;
const owned = told.PLACE + "/owned";
trial("own file", () => fs.writeFileSync(owned, "x"));
trial("setuid", () => process.setuid(other));
trial("seteuid", () => process.seteuid(other));
trial("setgid", () => process.setgid(other));
trial("setgroups", () => process.setgroups([other]));
trial("chown", () => fs.chownSync(owned, other, other));
trial("uid map", () => poke("/proc/self/uid_map", "0 0 1"));
const { error } = child.spawnSync("/bin/true", { uid: other });
say("child of another user", error?.code ?? "ok");
fs.unlinkSync(owned);
`,
} as const;

/** Starts a set-user-id program that waits for a password, and looks whose rights it has. */
const setUserId = {
  c: String.raw`
  int ends[2];
  char path[64], line[256];
  uid_t effective = getuid();
  if (pipe(ends) != 0) return 1;
  pid_t su = fork();
  if (su == 0) {
    dup2(ends[0], 0);
    freopen("/dev/null", "w", stdout);
    freopen("/dev/null", "w", stderr);
    execl("/usr/bin/su", "su", "-c", "true", NULL);
    _exit(1);
  }
  snprintf(path, sizeof path, "/proc/%d/status", su);
  for (int look = 0; look < 200; look++) {
    FILE *status = fopen(path, "r");
    if (status == NULL || fgets(line, sizeof line, status) == NULL) { say("su", "hidden"); break; }
    bool started = strcmp(line, "Name:\tsu\n") == 0;
    while (started && fgets(line, sizeof line, status)) sscanf(line, "Uid:\t%*u\t%u", &effective);
    fclose(status);
    if (started && look % 20 == 19) { say("su", effective == getuid() ? "as before" : "other"); break; }
    pause_for(0.01);
  }
  kill(su, SIGKILL);
  waitpid(su, NULL, 0);
`,
  bash: String.raw`
mkfifo "$PLACE/input"
exec {input}<>"$PLACE/input"
su -c true <&$input >/dev/null 2>&1 &
su=$!
sleep 0.3
answer=hidden
while IFS=$':\t' read -r name _ effective _; do
  if [[ $name == Uid ]]; then [[ $effective == "$EUID" ]] && answer='as before' || answer=other; fi
done 2>/dev/null <"/proc/$su/status"
say su "$answer"
kill -KILL "$su" 2>/dev/null || printf '\n\n\n' >&$input # who became another user ends at wrong passwords
wait 2>/dev/null
rm -f "$PLACE/input"
cp /bin/cat "$PLACE/shell"
trial chmod chmod 6755 "$PLACE/shell"
"$PLACE/shell" /proc/self/status >"$PLACE/status"
line_of() { sed -n "s/^$1:\t//p" "$2" | tr '\t' ' '; }
for name in Uid CapEff NoNewPrivs Seccomp; do
  [[ $(line_of $name "$PLACE/status") == $(line_of $name /proc/self/status) ]] || say "own $name" other
done
rm -f "$PLACE/shell" "$PLACE/status"
`,
  javascript: String.raw`
const su = child.spawn("/usr/bin/su", ["-c", "true"], { stdio: ["pipe", "ignore", "ignore"] });
su.on("error", () => {});
await new Promise((resolve) => setTimeout(resolve, 300));
try {
  const effective = Number(/^Uid:\t\d+\t(\d+)/m.exec(fs.readFileSync("/proc/" + su.pid + "/status", "utf8"))[1]);
  say("su", effective === process.geteuid() ? "as before" : "other");
} catch {
  say("su", "hidden");
}
su.kill("SIGKILL");
const shell = told.PLACE + "/shell";
fs.copyFileSync("/bin/cat", shell);
trial("chmod", () => fs.chmodSync(shell, 0o6755));
const { stdout: status } = child.spawnSync(shell, ["/proc/self/status"], { encoding: "utf8" });
const lineOf = (name, text) => new RegExp("^" + name + ":.*$", "m").exec(text)[0];
const before = fs.readFileSync("/proc/self/status", "utf8");
for (const name of ["Uid", "CapEff", "NoNewPrivs", "Seccomp"]) {
  if (lineOf(name, status) !== lineOf(name, before)) say("own " + name, "other");
}
fs.unlinkSync(shell);
`,
} as const;

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

const capabilities = all(["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"], "0000000000000000");
const isRoot = process.getuid?.() === 0;
const limits = ["NOFILE", "FSIZE", "CPU", "MEMLOCK", "MSGQUEUE", "SIGPENDING", "NICE", "RTPRIO"];
const raised = [...limits, ...limits.map((name) => `prlimit ${name}`)];

export const privileges: Theme = {
  title: "privileges",
  surveys: [
    {
      name: "status",
      control: "plain",
      programs: own,
      hints: { inside: { PLACE: "/workspace" } },
      answers: [
        {
          id: "privileges.none",
          inside: ({ uids }) => ({
            ...capabilities,
            NoNewPrivs: "1",
            Seccomp: "2",
            ...(uids === "separate" ? { "can be root": "is not", Uid: /^(\d{4})\s\1\s\1\s\1$/ } : {}),
          }),
          outside: { NoNewPrivs: "0", Seccomp: "0", CapBnd: /[^0]/ },
        },
        {
          id: "privileges.none",
          languages: ["javascript", "c"],
          // A shared uid is the user's own, and its groups stay, too.
          inside: ({ uids }) => (uids === "separate" ? { groups: 0 } : {}),
        },
        {
          id: "privileges.none",
          languages: ["c"],
          inside: { securebits: 0b11101111 },
          outside: { securebits: 0 },
        },
      ],
    },
    {
      name: "regain",
      // As root the ids are changed for good, and everything after them is done without a privilege.
      control: "contained",
      programs: regain,
      hints: { inside: { PLACE: "/workspace" } },
      answers: [
        {
          id: "privileges.regained",
          inside: ({ uids }) => {
            // In a namespace of one uid other ids do not even exist.
            const foreign = uids === "separate" ? "EPERM" : "EINVAL";
            return {
              "own file": "ok",
              ...all(["setuid", "setgid", "chown"], ["EPERM", foreign]),
              "uid map": ["EPERM", "EACCES", "ENOENT"],
            };
          },
          outside: { "own file": "ok" },
        },
        {
          id: "privileges.regained",
          languages: ["javascript"],
          inside: { seteuid: ["EPERM", "EINVAL"], setgroups: "EPERM", "child of another user": ["EPERM", "EINVAL"] },
        },
        {
          id: "privileges.regained",
          languages: ["bash"],
          inside: { ambient: /EPERM|status 1/ },
        },
        {
          id: "privileges.regained",
          languages: ["c"],
          inside: ({ uids }) => {
            const foreign = uids === "separate" ? "EPERM" : "EINVAL";
            return {
              ...all(["setreuid", "setresuid", "setregid", "setresgid"], foreign),
              ...all(["setfsuid", "setfsgid"], 0),
              ...all(["setgroups", "capset", "ambient", "securebits", "keepcaps"], "EPERM"),
              ...all(["new privileges", "filter off", "strict filter"], "EINVAL"),
            };
          },
          outside: { ambient: "EPERM", securebits: "ok", keepcaps: "ok" },
        },
      ],
    },
    {
      name: "set-user-id",
      control: "ordinary",
      programs: setUserId,
      hints: { inside: { PLACE: "/workspace" } },
      answers: [
        {
          id: "privileges.set-user-id",
          inside: { su: "as before" },
          // A kernel that hides other users' processes from this one shows nothing.
          outside: { su: ["other", "hidden"] },
        },
        {
          id: "privileges.own-set-user-id",
          languages: ["bash", "javascript"],
          inside: { chmod: "ok" },
        },
      ],
    },
    {
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
    },
  ],
  attacks: [
    {
      id: "privileges.own-set-user-id",
      variant: "its own program",
      programs: {
        c: String.raw`
  char path[4200];
  snprintf(path, sizeof path, "%s/self", told("PLACE"));
  int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_WRONLY | O_CREAT, 0700);
  long size;
  while ((size = read(from, room, sizeof room)) > 0) write_all(to, room, size);
  close(to);
  TRIAL("chmod", chmod(path, 06755));
  if (amount == 0) { unlink(path); return 0; }
  amount = 0;
  struct { unsigned version; unsigned data[5]; } every = {0x02000001, {~0U, ~0U, ~0U, ~0U, 0}};
  TRIAL("file capability", setxattr(path, "security.capability", &every, 20, 0));
  if (spawned(fork()) < 0) return 1;
  execl(path, "self", "survey status", NULL);
`,
      },
      amount: 1,
      request: { env: { PLACE: "/workspace" } },
      holds: ({ report, isolation }) => {
        expect(report).toMatchObject({ chmod: "ok", "file capability": "EPERM", NoNewPrivs: "1", Seccomp: "2" });
        expect(report).toMatchObject(capabilities);
        if (isolation.uids === "separate") expect(report["can be root"]).toBe("is not");
      },
      control: { place: "ordinary", shows: ({ report }) => expect(report.chmod).toBe("ok") },
    },
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
  ],
};
