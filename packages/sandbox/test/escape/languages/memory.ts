import { expect } from "vitest";
import { hostGrants } from "../../support/host-capabilities.ts";
import { stretched } from "../../support/host-slowness.ts";
import { type Attack, type Attacked, all, type Programs, type Theme } from "./theme.ts";

const MIB = 1024 * 1024;
/** What a bomb takes, in MiB, and what it may have. */
const taken = 256;
const limits = { memoryBytes: 128 * MIB, diskBytes: 256 * MIB, timeoutMs: stretched(20_000) };
const outOfMemory = { kind: "out-of-memory", violations: [], stage: "run" };

/** A bomb takes 256 MiB and says so when it holds them. */
function bomb(
  id: Attack["id"],
  programs: Programs,
  variant?: string,
  own?: Partial<Pick<Attack, "holds" | "control">>,
): Attack {
  return {
    id,
    ...(variant === undefined ? {} : { variant }),
    programs,
    amount: taken,
    request: { limits },
    holds: ({ execution, report }) => expect([report, execution.outcome]).toEqual([{}, outOfMemory]),
    control: { place: "ordinary", amount: 32, shows: ({ report }) => expect(report).toEqual({ taken: 32 }) },
    ...own,
  };
}

/** A shared way to end: what was taken stays for a moment, so that whoever only looks from time to time sees it. */
const hold = 'if (amount > 64) pause_for(0.3);\nsay_number("taken", amount);\n';

/** Memory of no process: refused as such where no cgroup counts it. */
const refusedOrCounted = {
  holds: ({ execution, report, isolation }: Attacked) => {
    if (isolation.cgroups === "none")
      expect([report, execution.outcome.kind]).toEqual([{ refused: "EPERM" }, "exited"]);
    else expect([report, execution.outcome]).toEqual([{}, outOfMemory]);
  },
};

export const memory: Theme = {
  title: "memory",
  surveys: [
    {
      name: "memory",
      control: "ordinary",
      programs: {
        c: String.raw`
  static const char *values[] = {"-1000", "-500", "-1"};
  for (int index = 0; index < 3; index++) TRIAL(values[index], poke("/proc/self/oom_score_adj", values[index]));
  TRIAL("old interface", poke("/proc/self/oom_adj", "-17"));
  TRIAL("locked", mlock(mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 32 << 20));
  long map(int flags) {
    return mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0) == MAP_FAILED ? -1 : 0;
  }
  TRIAL("mapped locked", map(MAP_LOCKED));
  TRIAL("huge pages", map(MAP_HUGETLB | MAP_NORESERVE));
  TRIAL("huge pages of a size", map(MAP_HUGETLB | MAP_NORESERVE | 30 << 26));
  TRIAL("huge memory file", syscall(SYS_memfd_create, "huge", 4 | 0L));
  TRIAL("huge memory file high", syscall(SYS_memfd_create, "huge", 4 | 1L << 40));
  TRIAL("huge segment", shmget(IPC_PRIVATE, 2 << 20, 04000 | 0600));
  struct { uint32_t version; struct { uint16_t tag, mode; uint32_t id; } entries[5]; } list =
    {2, {{1, 7, -1}, {2, 7, getuid()}, {4, 7, -1}, {0x10, 7, -1}, {0x20, 7, -1}}};
  char path[4200];
  snprintf(path, sizeof path, "%s/listed", told("PLACE"));
  put(path, "x");
  TRIAL("access list", setxattr(path, "system.posix_acl_access", &list, sizeof list, 0));
  TRIAL("access list by link", lsetxattr(path, "system.posix_acl_access", &list, sizeof list, 0));
  TRIAL("access list by descriptor", fsetxattr(open(path, O_RDONLY), "system.posix_acl_access", &list, sizeof list, 0));
  unlink(path);
`,
        bash: String.raw`
for value in -1000 -500 -1; do trial "$value" eval 'echo "$value" >/proc/self/oom_score_adj'; done
trial 'old interface' eval 'echo -17 >/proc/self/oom_adj'
`,
        javascript: String.raw`
for (const value of ["-1000", "-500", "-1"]) trial(value, () => poke("/proc/self/oom_score_adj", value));
trial("old interface", () => poke("/proc/self/oom_adj", "-17"));
`,
      },
      hints: { inside: { PLACE: "/workspace" } },
      answers: [
        {
          id: "memory.victim",
          inside: all(["-1000", "-500", "-1", "old interface"], "EACCES"),
          // Who has the capability goes below zero on the host; the host's ordinary users are refused like the program.
          outside: { "-1": hostGrants("CAP_SYS_RESOURCE") && process.getuid?.() !== 0 ? "ok" : "EACCES" },
        },
        {
          id: "memory.locked",
          languages: ["c"],
          inside: { locked: "ENOMEM", "mapped locked": "EAGAIN" },
        },
        {
          id: "memory.huge-pages",
          languages: ["c"],
          inside: {
            ...all(["huge pages", "huge pages of a size", "huge memory file", "huge memory file high"], "ENOMEM"),
            "huge segment": "ENOMEM",
          },
          // Without a reservation the host gives them whether or not there are any; some kernels are built without.
          outside: { "huge pages": ["ok", "EINVAL"], "huge memory file": ["ok", "EINVAL"] },
        },
        {
          id: "memory.access-lists",
          languages: ["c"],
          inside: all(["access list", "access list by link", "access list by descriptor"], "EPERM"),
          outside: { "access list": ["ok", "EOPNOTSUPP"] },
        },
      ],
    },
  ],
  attacks: [
    bomb("memory.anonymous", {
      c: `for (long part = 0; part < amount; part++) { take(1 << 20); pause_for(0.001); }\n${hold}`,
      bash: String.raw`
LC_ALL=C
block=$(printf '%65536s' '')
while ((${"$"}{#block} < amount << 20)); do block+=$block; done
printf '{"taken":%d}\n' $((${"$"}{#block} >> 20))
`,
      javascript: String.raw`
const parts = [];
for (let part = 0; part < amount; part++) {
  parts.push(Buffer.alloc(1 << 20, 1));
  pauseFor(0.001);
}
say("taken", parts.length);
`,
    }),
    bomb(
      "memory.anonymous",
      {
        c: String.raw`
  for (long part = 0; part < amount; part += 16) {
    mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    pause_for(0.015);
  }
  ${hold}`,
        javascript: String.raw`
const parts = [];
for (let part = 0; part < amount; part++) {
  parts.push(new Array(1 << 17).fill(part + 0.5));
  pauseFor(0.001);
}
say("taken", parts.length);
`,
      },
      "mapped at once, and in the heap of a language",
      {
        // A heap of its own ends at its own limit, which the language sets by that of the program.
        holds: ({ execution, report }) => expect([report, execution.outcome]).toEqual([{}, outOfMemory]),
      },
    ),
    bomb(
      "memory.anonymous",
      {
        c: String.raw`
  long part = 0;
  char *shared = mmap(NULL, amount << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (; part < amount; part++) { memset(shared + (part << 20), 1, 1 << 20); pause_for(0.001); }
  ${hold}`,
      },
      "shared between processes",
    ),
    bomb(
      "memory.anonymous",
      {
        c: String.raw`
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* its files in /proc are root's now */
  for (long part = 0; part < amount; part++) { take(1 << 20); pause_for(0.001); }
  ${hold}`,
      },
      "in a process that hides its state",
    ),
    bomb(
      "memory.anonymous",
      {
        c: String.raw`
  void *in_a_thread(void *_) {
    pause_for(0.05);
    for (long part = 0; part < amount; part++) { take(1 << 20); pause_for(0.001); }
    ${hold}
    _exit(0);
    return _;
  }
  pthread_t thread;
  pthread_create(&thread, NULL, in_a_thread, NULL);
  syscall(SYS_exit, 0); /* of the process /proc shows the first thread, which has no memory any more */
`,
      },
      "in a process whose first thread has ended",
    ),
    ...(["files", "shared-files"] as const).map((name) => {
      const folder = name === "files" ? "/tmp" : "/dev/shm";
      return bomb(`memory.${name}`, {
        c: String.raw`
  char path[256];
  snprintf(path, sizeof path, "${folder}/full-%s-c", told("TARGET_ABSTRACT"));
  int file = open(path, O_WRONLY | O_CREAT, 0600);
  for (long part = 0; part < amount << 4; part++) write_all(file, room, sizeof room);
  if (amount > 64) pause_for(0.3);
  unlink(path);
  say_number("taken", amount);
`,
        bash: String.raw`
path=${folder}/full-$TARGET_ABSTRACT-bash
head -c "${"$"}{amount}M" /dev/zero >"$path" && full=$(stat -c %s "$path")
((amount < 64)) || sleep 0.3
rm -f "$path"
[[ $full != $((amount << 20)) ]] || printf '{"taken":%d}\n' "$amount"
((full == amount << 20)) || kill -KILL $$
`,
        javascript: String.raw`
const path = "${folder}/full-" + told.TARGET_ABSTRACT + "-javascript";
const file = fs.openSync(path, "w");
const part = Buffer.alloc(1 << 20, 1);
for (let count = 0; count < amount; count++) fs.writeSync(file, part);
if (amount > 64) pauseFor(0.3);
fs.unlinkSync(path);
say("taken", amount);
`,
      });
    }),
    bomb(
      "memory.memfd",
      {
        c: String.raw`
  int file = syscall(SYS_memfd_create, "full", 0L);
  if (file < 0) { say("refused", said(-1)); return 7; }
  for (long part = 0; part < amount << 4; part++) write_all(file, room, sizeof room);
  ${hold}`,
      },
      undefined,
      refusedOrCounted,
    ),
    bomb(
      "memory.system-v",
      {
        c: String.raw`
  int segment = shmget(IPC_PRIVATE, amount << 20, IPC_CREAT | 0600);
  if (segment < 0) { say("refused", said(-1)); return 7; }
  char *address = shmat(segment, NULL, 0);
  shmctl(segment, IPC_RMID, NULL); /* gone with its last user */
  for (long part = 0; part < amount; part++) memset(address + (part << 20), 1, 1 << 20);
  ${hold}`,
      },
      undefined,
      refusedOrCounted,
    ),
    bomb("memory.many-processes", {
      c: String.raw`
  int ends[2], got = 0;
  if (pipe(ends) != 0) return 1;
  for (int count = 0; count < 16; count++) {
    if (fork() != 0) continue;
    take(amount << 16);
    write_all(ends[1], "x", 1);
    pause_for(amount > 64 ? 0.6 : 0.05);
    _exit(0);
  }
  while (got < 16) got += read(ends[0], room, 16);
  say_number("taken", amount);
`,
      bash: String.raw`
take() {
  LC_ALL=C
  local block
  block=$(printf '%65536s' '')
  while ((${"$"}{#block} < amount << 16)); do block+=$block; done
  printf x
  ((amount < 64)) || sleep 1
}
got=$(for n in {1..16}; do take & done; wait)
[[ $got != xxxxxxxxxxxxxxxx ]] || printf '{"taken":%d}\n' "$amount"
[[ $got == xxxxxxxxxxxxxxxx ]] || kill -KILL $$
`,
      javascript: String.raw`
const code = "const part = Buffer.alloc(" + (amount << 18) + ", 1); console.log(part.length); setTimeout(() => {}, 60000);";
let got = 0;
const others = [1, 2, 3, 4].map(() => child.spawn(process.execPath, ["-e", code]));
for (const other of others) {
  other.stdout.on("data", () => {
    if (++got < 4) return;
    say("taken", amount);
    for (const each of others) each.kill("SIGKILL");
    process.exit();
  });
  other.on("exit", () => process.kill(process.pid, "SIGKILL"));
}
`,
    }),
    {
      id: "memory.kernel-buffers",
      programs: {
        c: String.raw`
  long filled = 0;
  while (filled < amount << 20) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
      say("refused", said(-1));
      break;
    }
    for (long part; (part = send(pair[0], room, sizeof room, MSG_DONTWAIT)) > 0;) filled += part;
  }
  say_number("taken", filled >> 20);
`,
      },
      amount: taken,
      request: { limits: { ...limits, memoryBytes: 64 * MIB, openFiles: 1_024 } },
      holds: ({ execution, report, isolation }) => {
        if (isolation.cgroups === "none") {
          // Nothing counts what lies in the kernel; the number of open files bounds it.
          expect(execution.outcome.kind).toBe("exited");
          expect(report.taken).toBeLessThan(256);
        } else expect([execution.outcome, report]).toEqual([outOfMemory, {}]);
      },
      control: {
        place: "ordinary",
        amount: 16,
        shows: ({ report }) => expect(report.taken).toBeGreaterThanOrEqual(16),
      },
    },
  ],
};
