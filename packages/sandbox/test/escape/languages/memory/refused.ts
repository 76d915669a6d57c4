import { hostGrants } from "../../../support/host-capabilities.ts";
import { all, type Survey } from "../theme.ts";

export const refused: Survey = {
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
};
