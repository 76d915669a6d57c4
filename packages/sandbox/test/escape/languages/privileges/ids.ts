import { all, type Survey } from "../theme.ts";

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

export const capabilities = all(["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"], "0000000000000000");

export const status: Survey = {
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
};

export const regained: Survey = {
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
          ...all(["new privileges", "filter off"], "EINVAL"),
          "strict filter": "ENOSYS",
        };
      },
      outside: { ambient: "EPERM", securebits: "ok", keepcaps: "ok" },
    },
  ],
};
