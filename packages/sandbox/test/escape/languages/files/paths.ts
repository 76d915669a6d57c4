import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { all, type Survey } from "../theme.ts";

const checkout = fileURLToPath(new URL("../../../../../..", import.meta.url)).replace(/\/$/, "");

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

export const paths: Survey = {
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
};

export const settingOfANamespace: Survey = {
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
};
