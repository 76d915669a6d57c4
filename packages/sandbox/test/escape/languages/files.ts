import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { all, expectAnswers, expectRefusals, type Theme } from "./theme.ts";

/*
 * Files of the host, of neighbours and of the kernel, and what /proc tells of others. Paths are told in the variable
 * PATHS, one a line, so that all languages try the same.
 */

const checkout = fileURLToPath(new URL("../../../../..", import.meta.url)).replace(/\/$/, "");

const hostFolders = [
  "/root",
  "/home",
  "/boot",
  "/srv",
  "/sys",
  "/media",
  "/var/lib",
  "/var/log",
  "/etc/shadow",
  "/etc/ssh",
  "/etc/ssl/private",
  checkout,
  tmpdir() === "/tmp" ? "/tmp/.X11-unix" : tmpdir(),
];

const devices = [
  ...["mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "loop0", "loop-control", "kvm", "fuse", "vsock"],
  ...["vhost-net", "net/tun", "userfaultfd", "console", "tty0", "tty1", "ttyS0", "vcs", "hwrng", "input", "dri"],
  ...["snapshot", "cpu", "mapper/control", "btrfs-control", "autofs", "uinput", "disk", "rtc", "nvram", "watchdog"],
].map((name) => `/dev/${name}`);

const settings = [
  ...["kernel/core_pattern", "kernel/hostname", "kernel/modprobe", "kernel/sysrq", "kernel/randomize_va_space"],
  ...["vm/drop_caches", "vm/overcommit_memory", "vm/nr_hugepages", "fs/file-max", "net/ipv4/ip_forward"],
  ...["net/ipv4/ping_group_range", "user/max_user_namespaces", "kernel/ns_last_pid", "fs/binfmt_misc/register"],
  ...["kernel/pty/max", "kernel/yama/ptrace_scope", "kernel/keys/maxkeys"],
].map((name) => `/proc/sys/${name}`);
const otherSettings = [
  ...["/proc/irq/0/smp_affinity", "/proc/bus/pci/devices", "/proc/mtrr", "/proc/acpi/wakeup"],
  ...["/proc/self/uid_map", "/proc/self/setgroups", "/proc/pressure/memory", "/sys/kernel/uevent_helper"],
  ...["/sys/fs/cgroup/release_agent", "/sys/power/state", "/proc/self/oom_adj", "/proc/self/attr/current"],
];

const kernelSecrets = [
  ...["kcore", "kmsg", "kallsyms", "keys", "key-users", "timer_list", "sched_debug", "slabinfo", "vmallocinfo"],
  ...["modules", "pagetypeinfo", "kpageflags", "kpagecount", "kpagecgroup", "latency_stats"],
].map((name) => `/proc/${name}`);

/** Of a process: what says something of it, and what changes it. */
const ofProcess = [
  ...["environ", "mem", "maps", "smaps", "smaps_rollup", "root", "cwd", "exe", "fd", "fdinfo", "cmdline", "status"],
  ...["stat", "statm", "mounts", "mountinfo", "ns", "task", "auxv", "syscall", "stack", "io", "net", "map_files"],
  ...["oom_score_adj", "comm", "limits", "pagemap", "cgroup", "wchan", "root/etc/passwd", "cwd/etc/passwd", "fd/0"],
  ...["fd/1", "fd/3", "ns/user", "task/1/mem", "root/run/glovebox/host.sock"],
];
const ofProcessToWrite = ["mem", "oom_score_adj", "comm", "fd/1", "fd/4", "clear_refs", "uid_map", "coredump_filter"];

const lines = (paths: readonly string[]) => paths.join("\n");
const written = (paths: readonly string[]) => paths.map((path) => `write ${path}`);

/** Peeks at every path in PATHS and writes to every one in WRITES. */
const tryPaths = {
  c: String.raw`
  char paths[1 << 14], name[4096];
  snprintf(paths, sizeof paths, "%s", told("PATHS"));
  for (char *rest, *path = strtok_r(paths, "\n", &rest); path != NULL; path = strtok_r(NULL, "\n", &rest)) {
    TRIAL(path, peek(path));
  }
  snprintf(paths, sizeof paths, "%s", told("WRITES"));
  for (char *rest, *path = strtok_r(paths, "\n", &rest); path != NULL; path = strtok_r(NULL, "\n", &rest)) {
    snprintf(name, sizeof name, "write %s", path);
    TRIAL(name, poke(path, "1\n"));
  }
`,
  bash: String.raw`
mapfile -t paths <<<"$PATHS"
for path in "${"$"}{paths[@]}"; do [[ $path == '' ]] || trial "$path" peek "$path"; done
mapfile -t paths <<<"$WRITES"
for path in "${"$"}{paths[@]}"; do [[ $path == '' ]] || trial "write $path" eval 'echo 1 1<>"$path"'; done
`,
  javascript: String.raw`
for (const path of (told.PATHS ?? "").split("\n").filter(Boolean)) trial(path, () => peek(path));
for (const path of (told.WRITES ?? "").split("\n").filter(Boolean)) trial("write " + path, () => poke(path, "1\n"));
`,
} as const;

const notThere = "ENOENT";
const refusals = ["EROFS", "EACCES", "EPERM", "ENOENT", "ENXIO", "EINVAL", "EISDIR"] as const;

/** What a program prints of users, settings, other processes and neighbours. */
const lookAround = {
  c: String.raw`
  say("workspace", listing("/workspace"));
  say("tmp", listing("/tmp"));
  say("shm", listing("/dev/shm"));
  say("terminals", listing("/dev/pts"));
  say("job", listing("/glovebox"));
  TRIAL("neighbour's terminal", poke(told("TARGET_NEIGHBOUR_TERMINAL"), "typed"));
  TRIAL("host's file", peek(told("TARGET_FILE")));
  TRIAL("host's folder", peek(told("TARGET_FOLDER")));
  char users[1 << 14] = "";
  struct passwd *entry;
  while ((entry = getpwent()) != NULL) {
    if (strstr(users, entry->pw_name) == NULL && strlen(users) < sizeof users - 64) {
      strcat(strcat(users, entry->pw_name), " ");
    }
  }
  say("users", users);
  say("etc", listing("/etc"));
  say("dev", listing("/dev"));
  say_number("inherited", getenv("HOST_CANARY") != NULL);
  say_number("environment of its own", contains("/proc/self/environ", "HOST_CANARY"));
  char path[4200];
  snprintf(path, sizeof path, "/proc/%s/environ", told("TARGET_LISTENER"));
  say_number("environment of the host", contains(path, "HOST_CANARY"));
  static const char *ways[] = {"root", "cwd"};
  char seen[256] = "";
  DIR *processes = opendir("/proc");
  for (struct dirent *process; (process = readdir(processes)) != NULL;) {
    for (int way = 0; way < 2 && process->d_name[0] >= '1' && process->d_name[0] <= '9'; way++) {
      snprintf(path, sizeof path, "/proc/%s/%s%s", process->d_name, ways[way], told("TARGET_FILE"));
      if (access(path, F_OK) == 0) strcpy(seen, "file");
    }
  }
  say("through processes", seen);
`,
  bash: String.raw`
say workspace "$(listing /workspace)"
say tmp "$(listing /tmp)"
say shm "$(listing /dev/shm)"
say terminals "$(listing /dev/pts)"
say job "$(listing /glovebox)"
trial "neighbour's terminal" eval 'echo typed 1<>"$TARGET_NEIGHBOUR_TERMINAL"'
trial "host's file" peek "$TARGET_FILE"
trial "host's folder" peek "$TARGET_FOLDER"
say users "$(getent passwd | cut -d: -f1 | sort -u | tr '\n' ' ')"
say etc "$(listing /etc)"
say dev "$(listing /dev)"
canary_in() { if grep -q HOST_CANARY "$1" 2>/dev/null; then echo 1; else echo 0; fi; }
printf '{"inherited":%s}\n' "$([[ -v HOST_CANARY ]] && echo 1 || echo 0)"
printf '{"environment of its own":%s}\n' "$(canary_in "/proc/$$/environ")"
printf '{"environment of the host":%s}\n' "$(canary_in "/proc/$TARGET_LISTENER/environ")"
seen=
for place in /proc/[1-9]*/root /proc/[1-9]*/cwd; do [[ ! -e $place$TARGET_FILE ]] || seen=file; done
say 'through processes' "$seen"
`,
  javascript: String.raw`
say("workspace", listing("/workspace"));
say("tmp", listing("/tmp"));
say("shm", listing("/dev/shm"));
say("terminals", listing("/dev/pts"));
say("job", listing("/glovebox"));
trial("neighbour's terminal", () => poke(told.TARGET_NEIGHBOUR_TERMINAL, "typed"));
trial("host's file", () => peek(told.TARGET_FILE));
trial("host's folder", () => peek(told.TARGET_FOLDER));
const entries = fs.readFileSync("/etc/passwd", "utf8").trim().split("\n");
say("users", [...new Set(entries.map((entry) => entry.split(":")[0]))].join(" "));
say("etc", listing("/etc"));
say("dev", listing("/dev"));
const canaryIn = (path) => {
  try {
    return Number(fs.readFileSync(path, "latin1").includes("HOST_CANARY"));
  } catch {
    return 0;
  }
};
say("inherited", Number("HOST_CANARY" in process.env));
say("environment of its own", canaryIn("/proc/self/environ"));
say("environment of the host", canaryIn("/proc/" + told.TARGET_LISTENER + "/environ"));
const processes = fs.readdirSync("/proc").filter((name) => /^[1-9]/.test(name));
const leads = (name, way) => fs.existsSync("/proc/" + name + "/" + way + told.TARGET_FILE);
say("through processes", processes.some((name) => leads(name, "root") || leads(name, "cwd")) ? "file" : "");
`,
} as const;

/** Changes a large input, which is a file of the host, and an own file in the same ways. */
const changeInputs = {
  c: String.raw`
  TRIAL("own file", put("own", "changed"));
  int reading = open("large", O_RDONLY);
  char reopened[64];
  snprintf(reopened, sizeof reopened, "/proc/self/fd/%d", reading);
  TRIAL("write", poke("large", "changed"));
  TRIAL("truncate", truncate("large", 0));
  TRIAL("chmod", chmod("large", 0777));
  TRIAL("chown", chown("large", getuid(), getgid()));
  TRIAL("times", utimensat(AT_FDCWD, "large", NULL, 0));
  TRIAL("unlink", unlink("large"));
  TRIAL("rename", rename("large", "small"));
  TRIAL("replace", rename("own", "large"));
  TRIAL("link", link("large", "second"));
  TRIAL("attribute", setxattr("large", "user.owned", "1", 1, 0));
  TRIAL("reopened", open(reopened, O_WRONLY));
  TRIAL("memory", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reading, 0) == MAP_FAILED ? -1 : 0);
  TRIAL("allocate", syscall(SYS_fallocate, reading, 0, 0L, 8192L));
  char before[8] = "", after[8] = "";
  int fd = open("/proc/self/mem", O_RDWR);
  void *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, reading, 0);
  pread(reading, before, sizeof before, 0);
  pwrite(fd, "changed", 7, (off_t)mapped); /* the kernel writes to a copy, however read-only the memory is */
  pread(reading, after, sizeof after, 0);
  say("through /proc/self/mem", memcmp(before, after, sizeof before) == 0 ? "unchanged" : "changed");
  TRIAL("staged", peek("/inputs/products"));
  say("staged inputs", listing("/inputs"));
  unlink("own");
`,
  bash: String.raw`
trial 'own file' eval 'echo changed >own'
exec {reading}<large
trial write eval 'echo changed 1<>large'
trial truncate truncate --size 0 large
trial chmod chmod 777 large
trial chown chown "$(id -u)" large
trial times touch large
trial unlink rm -f large
trial rename mv large small
trial replace mv -f own large
trial link ln large second
trial reopened eval 'echo changed 1<>/proc/self/fd/$reading'
trial allocate fallocate --length 8192 large
trial staged peek /inputs/products
say 'staged inputs' "$(listing /inputs)"
rm -f own
`,
  javascript: String.raw`
trial("own file", () => fs.writeFileSync("own", "changed"));
const reading = fs.openSync("large");
trial("write", () => poke("large", "changed"));
trial("truncate", () => fs.truncateSync("large"));
trial("chmod", () => fs.chmodSync("large", 0o777));
trial("chown", () => fs.chownSync("large", process.getuid(), process.getgid()));
trial("times", () => fs.utimesSync("large", 1, 1));
trial("unlink", () => fs.unlinkSync("large"));
trial("rename", () => fs.renameSync("large", "small"));
trial("replace", () => fs.renameSync("own", "large"));
trial("link", () => fs.linkSync("large", "second"));
trial("reopened", () => poke("/proc/self/fd/" + reading, "changed"));
trial("staged", () => peek("/inputs/products"));
say("staged inputs", listing("/inputs"));
fs.unlinkSync("own");
`,
} as const;

const changes = ["write", "truncate", "chmod", "chown", "times", "unlink", "rename", "replace", "link", "reopened"];

export const files: Theme = {
  title: "files of the host and of neighbours",
  surveys: [
    {
      name: "around",
      control: "plain",
      programs: lookAround,
      hints: { outside: { TARGET_NEIGHBOUR_TERMINAL: "/dev/null" } },
      answers: [
        {
          id: "files.neighbour",
          inside: {
            workspace: /^main\.(c|sh|js)$/,
            tmp: "",
            shm: "",
            terminals: "ptmx",
            "neighbour's terminal": ["ENOENT", "EACCES"], // Bash would make the file
            job: /^input\.json (product )?results\.jsonl( task\.words)?$/,
          },
          outside: { "neighbour's terminal": "ok" },
        },
        {
          id: "files.host-folders",
          inside: { "host's file": notThere, "host's folder": notThere },
          outside: { "host's file": "ok", "host's folder": "ok" },
        },
        {
          id: "files.host-users",
          inside: {
            users: /^root ?(sandbox ?)?$/,
            etc: /^((alternatives|debian_version|fonts|group|hostname|hosts|ld\.so\.cache|localtime|matplotlibrc|mime\.types|nsswitch\.conf|os-release|passwd|resolv\.conf|timezone) ?)+$/,
          },
          outside: { users: /daemon/, etc: /shadow/ },
        },
        {
          id: "files.host-environment",
          inside: all(["inherited", "environment of its own", "environment of the host"], 0),
          outside: { "environment of the host": 1 },
        },
        {
          id: "files.through-proc",
          inside: { "through processes": "" },
          outside: { "through processes": "file" },
        },
        {
          id: "files.devices",
          inside: { dev: "core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero" },
          outside: { dev: /kmsg/ },
        },
      ],
    },
    {
      name: "paths",
      control: "plain",
      programs: tryPaths,
      hints: {
        inside: {
          PATHS: lines([
            ...hostFolders,
            ...devices,
            "/dev/tty",
            ...kernelSecrets,
            ...ofProcess.map((name) => `/proc/1/${name}`),
          ]),
          WRITES: lines([...settings, ...otherSettings, ...ofProcessToWrite.map((name) => `/proc/1/${name}`)]),
        },
        // The tests' own process stands for the warden.
        outside: {
          PATHS: lines(["/proc/sys", "/dev/null", `/proc/${process.pid}/environ`, `/proc/${process.pid}/fd`]),
          WRITES: "/dev/null",
        },
      },
      answers: [
        { id: "files.host-folders", inside: all(hostFolders, notThere), outside: { "/proc/sys": "ok" } },
        {
          id: "files.devices",
          inside: { ...all(devices, notThere), "/dev/tty": "ENXIO" },
          outside: { "/dev/null": "ok" },
        },
        {
          id: "files.warden",
          inside: {
            ...all(
              ofProcess.map((name) => `/proc/1/${name}`),
              notThere,
            ),
            ...all(written(ofProcessToWrite.map((name) => `/proc/1/${name}`)), notThere),
          },
          outside: all([`/proc/${process.pid}/environ`, `/proc/${process.pid}/fd`], "ok"),
        },
        {
          id: "files.kernel-settings",
          inside: all(written([...settings, ...otherSettings]), refusals),
          outside: { "write /dev/null": "ok" },
        },
        { id: "files.kernel-secrets", inside: all(kernelSecrets, ["ok", "ENOENT", "EACCES", "EPERM"]) },
      ],
    },
    {
      name: "settings",
      control: "contained",
      programs: tryPaths,
      hints: {
        inside: { WRITES: "/proc/sys/user/max_user_namespaces" },
        outside: { WRITES: "/proc/sys/user/max_user_namespaces" },
      },
      answers: [
        {
          id: "files.kernel-settings",
          inside: { "write /proc/sys/user/max_user_namespaces": ["EROFS", "EACCES"] },
          outside: { "write /proc/sys/user/max_user_namespaces": "ok" },
        },
      ],
    },
  ],
  attacks: [
    {
      id: "files.read-only-inputs",
      programs: changeInputs,
      request: { files: [{ name: "large", content: "x".repeat(2 * 1024 * 1024) }] },
      holds: ({ execution, report, language }) => {
        expectRefusals(report, language === "c" ? [...changes, "attribute", "memory", "allocate"] : changes);
        expectAnswers(report, { "own file": "ok", staged: notThere, "staged inputs": ["", notThere] });
        if (language === "c") expectAnswers(report, { "through /proc/self/mem": "unchanged" });
        expect(execution.artifacts).toEqual([]);
      },
      control: { why: "the same program changes a file of its own" },
    },
    {
      id: "files.kernel-secrets",
      variant: "what is read of them",
      programs: {
        c: String.raw`
  char content[1 << 12] = "";
  int descriptor = open("/proc/kallsyms", O_RDONLY);
  say_number("symbols", read(descriptor, content, sizeof content));
  long addresses = 0;
  FILE *memory = fopen("/proc/iomem", "r");
  while (memory != NULL && fgets(content, sizeof content, memory)) addresses += strtoul(content, NULL, 16) != 0;
  say_number("addresses", addresses);
  uint64_t page = 0;
  descriptor = open("/proc/self/pagemap", O_RDONLY);
  pread(descriptor, &page, 8, (long)content / 4096 * 8);
  say_number("frame", page & ((1UL << 55) - 1));
`,
        bash: String.raw`
printf '{"symbols":%d}\n' "$(head -c 4096 /proc/kallsyms 2>/dev/null | wc -c)"
printf '{"addresses":%d}\n' "$(grep -cv '^ *0*-' /proc/iomem)"
`,
        javascript: String.raw`
say("symbols", fs.readFileSync("/proc/kallsyms", "utf8").length);
say("addresses", fs.readFileSync("/proc/iomem", "utf8").split("\n").filter((line) => parseInt(line, 16) > 0).length);
`,
      },
      holds: ({ report }) => {
        const { symbols, addresses, frame } = report;
        expect([symbols, addresses, frame ?? 0]).toEqual([0, 0, 0]);
      },
      control: {
        place: "plain",
        shows: ({ report }) => expect(report.symbols).toBeGreaterThan(0),
      },
    },
  ],
};
