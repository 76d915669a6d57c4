import { readFileSync } from "node:fs";
import { all, type Theme } from "./theme.ts";

/*
 * Calls of the kernel that no program needs, made as system calls by C, and by Bash with the tools of util-linux. What only
 * root of the host may do has arguments that change nothing, and is tried outside of all namespaces.
 */

const kinds = ["mount", "cgroup", "uts", "ipc", "user", "pid", "net", "time"];

const namespaces = String.raw`
  static const struct { const char *name; long flag; } kinds[] = {
    {"mount", CLONE_NEWNS}, {"cgroup", CLONE_NEWCGROUP}, {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC},
    {"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID}, {"net", CLONE_NEWNET}, {"time", 0x80},
  };
  char name[64];
  for (unsigned index = 0; index < sizeof kinds / sizeof *kinds; index++) {
    long flag = kinds[index].flag;
    snprintf(name, sizeof name, "unshare %s", kinds[index].name);
    TRIAL(name, syscall(SYS_unshare, flag));
    snprintf(name, sizeof name, "unshare high %s", kinds[index].name);
    TRIAL(name, syscall(SYS_unshare, flag | 1L << 40));
    if (flag == 0x80) continue; /* no flag of clone, which has the signal there */
    /* A new user namespace comes along, so that the clone needs no privilege where it is allowed at all. */
    snprintf(name, sizeof name, "clone %s", kinds[index].name);
    TRIAL(name, spawned(syscall(SYS_clone, flag | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)));
    snprintf(name, sizeof name, "clone high %s", kinds[index].name);
    TRIAL(name, spawned(syscall(SYS_clone, flag | CLONE_NEWUSER | SIGCHLD | 1L << 40, 0, 0, 0, 0)));
  }
  TRIAL("clone without a signal", spawned(syscall(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0)));
  struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } three =
    {CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0};
  TRIAL("clone3", spawned(syscall(SYS_clone3, &three, sizeof three)));
  three.flags = 0;
  TRIAL("clone3 without a flag", spawned(syscall(SYS_clone3, &three, sizeof three)));
  TRIAL("number with a high half", syscall(1L << 32 | SYS_unshare, CLONE_NEWUSER));
  TRIAL("setns uts", syscall(SYS_setns, open("/proc/self/ns/uts", O_RDONLY), 0));
  TRIAL("setns net", syscall(SYS_setns, open("/proc/self/ns/net", O_RDONLY), 0));
  TRIAL("setns by pidfd", syscall(SYS_setns, syscall(SYS_pidfd_open, getppid(), 0), CLONE_NEWUTS));
  TRIAL("chroot", syscall(SYS_chroot, "/tmp"));
  TRIAL("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));

  /* A filter of the program's own hands the call to a supervisor, which tells the kernel to go on. */
  {
    struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    int answer[2];
    if (pipe(answer) != 0) return 1;
    pid_t supervisor = fork();
    if (supervisor == 0) {
      alarm(20);
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      int listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
      if (listener < 0) { say("supervised unshare", said(-1)); _exit(0); }
      pid_t child = fork();
      if (child == 0) {
        const char *text = said(syscall(SYS_unshare, CLONE_NEWUSER));
        write_all(answer[1], text, strlen(text));
        _exit(0);
      }
      struct pollfd both[2] = {{answer[0], POLLIN, 0}, {listener, POLLIN, 0}};
      for (;;) {
        poll(both, 2, -1);
        if (both[0].revents) break;
        struct seccomp_notif notice = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0) continue;
        struct seccomp_notif_resp go = {.id = notice.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &go);
      }
      char text[64] = "";
      if (read(answer[0], text, sizeof text - 1) >= 0) say("supervised unshare", text);
      _exit(0);
    }
    waitpid(supervisor, NULL, 0);
  }
`;

const interfaces = String.raw`
  struct { uint64_t set, clear, propagation, userns; } attributes = {2, 0, 0, 0};
  TRIAL("mount tmpfs", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, 0));
  TRIAL("mount proc", syscall(SYS_mount, "proc", "/proc", "proc", 0, 0));
  TRIAL("mount bind", syscall(SYS_mount, "/usr", "/tmp", 0, 0x1000, 0));
  TRIAL("remount", syscall(SYS_mount, 0, "/proc", 0, 0x20, 0));
  TRIAL("umount", syscall(SYS_umount2, "/proc", 2));
  TRIAL("umount product", syscall(SYS_umount2, "/glovebox/product", 2));
  TRIAL("cover product", syscall(SYS_mount, "/tmp", "/glovebox/product", 0, 0x1000, 0));
  TRIAL("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
  TRIAL("fspick", syscall(SYS_fspick, AT_FDCWD, "/proc", 0));
  TRIAL("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/usr", 1));
  TRIAL("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, "/proc", 0, &attributes, sizeof attributes));
  TRIAL("move_mount", syscall(SYS_move_mount, -1, "", AT_FDCWD, "/tmp", 4));
  TRIAL("ptrace traceme", syscall(SYS_ptrace, 0, 0, 0, 0));
  TRIAL("ptrace attach", syscall(SYS_ptrace, 16, bystander(), 0, 0));
  TRIAL("ptrace seize", syscall(SYS_ptrace, 0x4206, bystander(), 0, 0));
  struct iovec one = {room, 8};
  TRIAL("process_vm_readv", syscall(SYS_process_vm_readv, bystander(), &one, 1L, &one, 1L, 0L));
  TRIAL("process_vm_writev", syscall(SYS_process_vm_writev, bystander(), &one, 1L, &one, 1L, 0L));
  TRIAL("process_vm_readv warden", syscall(SYS_process_vm_readv, 1, &one, 1L, &one, 1L, 0L));
  TRIAL("pidfd_getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, getpid(), 0), 1, 0));
  TRIAL("kcmp", syscall(SYS_kcmp, getpid(), getpid(), 0, 1, 1));
  TRIAL("add_key", syscall(SYS_add_key, "user", "canary", "x", 1L, -3));
  TRIAL("request_key", syscall(SYS_request_key, "user", "no such key", 0L, 0));
  TRIAL("keyctl", syscall(SYS_keyctl, 0, -3, 1, 0, 0));
  struct perf_event_attr counter = {.type = PERF_TYPE_SOFTWARE, .size = sizeof counter,
    .config = PERF_COUNT_SW_DUMMY, .exclude_kernel = 1, .exclude_hv = 1};
  TRIAL("perf_event_open", syscall(SYS_perf_event_open, &counter, 0, -1, -1, 0L));
  TRIAL("userfaultfd", syscall(SYS_userfaultfd, 1));
  TRIAL("io_uring_setup", syscall(SYS_io_uring_setup, 1, memset(room, 0, 256)));
  TRIAL("io_uring_enter", syscall(SYS_io_uring_enter, 1, 0, 0, 0, 0L, 0L));
  TRIAL("io_uring_register", syscall(SYS_io_uring_register, 1, 0, 0L, 0));
  TRIAL("fanotify_init", syscall(SYS_fanotify_init, 0x200, 0));
  struct { unsigned size; int kind; char data[128]; } handle = {sizeof handle.data, 0, ""};
  int mount_number;
  TRIAL("name_to_handle_at", syscall(SYS_name_to_handle_at, AT_FDCWD, "/usr", &handle, &mount_number, 0));
  TRIAL("sethostname", syscall(SYS_sethostname, "owned", 5L));
  TRIAL("setdomainname", syscall(SYS_setdomainname, "owned", 5L));
  int ends[2];
  if (pipe(ends) != 0) return 1;
  TRIAL("vmsplice", syscall(SYS_vmsplice, ends[1], &one, 1L, 0));
  TRIAL("read implies execute", syscall(SYS_personality, 0x0400000L));
  TRIAL("no randomness and executable", syscall(SYS_personality, 0x0440000L));
  TRIAL("other personality", syscall(SYS_personality, 0x0400008L));
  TRIAL("no such call", syscall(0x7ff, 0));
  TRIAL("negative call", syscall(-1000L, 0));
#ifdef __x86_64__
  TRIAL("modify_ldt", syscall(SYS_modify_ldt, 0, room, 16L));
  TRIAL("iopl", syscall(SYS_iopl, 0));
  TRIAL("ioperm", syscall(SYS_ioperm, 0x80L, 1L, 0));
  long thirty_two(long number, long first) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first) : "memory", "r8", "r9", "r10", "r11");
    return result;
  }
  TRIAL("32-bit getpid", thirty_two(20, 0));
  TRIAL("32-bit unshare", thirty_two(310, CLONE_NEWUSER));
  TRIAL("x32 getpid", syscall(0x40000000L | SYS_getpid));
  TRIAL("x32 open", syscall(0x40000000L | SYS_open, "/etc/passwd", 0));
  TRIAL("x32 ptrace", syscall(0x40000000L | 521, 0, 0, 0, 0));
#endif

  long stuff(unsigned long request, const char *text) {
    int primary = open("/dev/ptmx", O_RDWR | O_NOCTTY), lock = 0;
    char name[32];
    unsigned number;
    ioctl(primary, TIOCSPTLCK, &lock);
    ioctl(primary, TIOCGPTN, &number);
    snprintf(name, sizeof name, "/dev/pts/%u", number);
    setsid();
    int secondary = open(name, O_RDWR); /* the terminal of the new session, so that nothing else forbids it */
    return syscall(SYS_ioctl, secondary, request, text);
  }
  TRIAL("terminal input", stuff(0x5412, "x"));
  TRIAL("terminal input high", stuff(0x5412 | 1L << 32, "x"));
  TRIAL("terminal input higher", stuff(0x5412 | 0xffffffffL << 32, "x"));
  TRIAL("line discipline high", stuff(0x5423 | 1L << 32, "\0\0\0\0"));
  TRIAL("console", stuff(0x541c | 1L << 32, "\2"));

  static const int types[] = {SOCK_RAW, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM};
  char made[512] = "", odd[512] = "";
  for (int family = 0; family < 64; family++) {
    for (unsigned kind = 0; kind < 4; kind++) {
      if (family == AF_UNIX || family == AF_INET || family == AF_INET6) continue;
      int result = syscall(SYS_socket, family, types[kind], 0);
      char *list = result >= 0 ? made : errno == EAFNOSUPPORT ? NULL : odd;
      if (list != NULL) sprintf(list + strlen(list), " %d", family);
      if (result >= 0) close(result);
    }
  }
  say("other families", made);
  say("other families that answer otherwise", odd);
  TRIAL("netlink high", syscall(SYS_socket, 16 | 1L << 32, SOCK_RAW, 0));
  TRIAL("packet high", syscall(SYS_socket, 17 | 1L << 32, SOCK_RAW, 0));
  TRIAL("netlink pair", syscall(SYS_socketpair, 16, SOCK_RAW, 0, ends));
  TRIAL("negative family", syscall(SYS_socket, -1, SOCK_STREAM, 0));
  TRIAL("raw", syscall(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP));
  TRIAL("raw 6", syscall(SYS_socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
  TRIAL("raw of all", syscall(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_RAW));

  /* Of these the kernel asks for a module where it has none. */
  TRIAL("udp-lite", syscall(SYS_socket, AF_INET, SOCK_DGRAM, 136));
  TRIAL("sctp", syscall(SYS_socket, AF_INET, SOCK_STREAM, 132));
  TRIAL("sctp high", syscall(SYS_socket, AF_INET, SOCK_STREAM, 132 | 1L << 32));
  TRIAL("sctp 6", syscall(SYS_socket, AF_INET6, SOCK_SEQPACKET, 132));
  TRIAL("dccp", syscall(SYS_socket, AF_INET, 6, 33));
  TRIAL("l2tp", syscall(SYS_socket, AF_INET, SOCK_DGRAM, 115));
  TRIAL("mptcp", syscall(SYS_socket, AF_INET6, SOCK_STREAM, 262));
  TRIAL("negative protocol", syscall(SYS_socket, AF_INET, SOCK_STREAM, -1));
  int udp = socket(AF_INET, SOCK_DGRAM, 0);
  memset(room, 0, 256);
  TRIAL("bridges", syscall(SYS_ioctl, udp, 0x8940L, room));
  TRIAL("bridges high", syscall(SYS_ioctl, udp, 0x8940L | 1L << 32, room));
  TRIAL("vlans", syscall(SYS_ioctl, udp, 0x8982L, room));
`;

/** Arguments that change nothing: root of the host comes as far as the kernel's own checks. */
const administration = String.raw`
  struct { unsigned size; int kind; char data[8]; } handle = {8, 1, ""};
  TRIAL("open_by_handle_at", syscall(SYS_open_by_handle_at, open("/usr", O_RDONLY), &handle, 0));
  struct { unsigned kind, key, value, entries, flags; char rest[52]; } map = {2, 4, 4, 1, 0, ""};
  TRIAL("bpf", syscall(SYS_bpf, 0, &map, sizeof map));
  TRIAL("init_module", syscall(SYS_init_module, 0L, 0L, ""));
  TRIAL("finit_module", syscall(SYS_finit_module, -1, "", 0));
  TRIAL("delete_module", syscall(SYS_delete_module, "no_such_module", 0x800));
  TRIAL("kexec_load", syscall(SYS_kexec_load, 0L, 0L, 0L, 0xffffL));
  TRIAL("reboot", syscall(SYS_reboot, 0, 0, 0, 0));
  TRIAL("swapon", syscall(SYS_swapon, "/nonexistent", 0));
  TRIAL("swapoff", syscall(SYS_swapoff, "/nonexistent"));
  struct timespec wrong = {0, 2000000000};
  TRIAL("clock_settime", syscall(SYS_clock_settime, 0, &wrong));
  TRIAL("settimeofday", syscall(SYS_settimeofday, 0L, 0L));
  TRIAL("adjtimex", syscall(SYS_adjtimex, memset(room, 0, 256)));
  TRIAL("syslog", syscall(SYS_syslog, 10, 0L, 0));
  TRIAL("acct", syscall(SYS_acct, "/nonexistent"));
  char device[128];
  long make_device(void) {
    snprintf(device, sizeof device, "/tmp/%s-c", told("TARGET_ABSTRACT"));
    if (syscall(SYS_mknodat, AT_FDCWD, device, 0020600, 0x103) != 0) return -1; /* /dev/null once more */
    return unlink(device);
  }
  TRIAL("mknod", make_device());
`;

const perfIsOpen = () => Number(readFileSync("/proc/sys/kernel/perf_event_paranoid", "utf8")) < 3;
const refused = (names: readonly string[]) => all(names, "EPERM");
const allowed = (names: readonly string[]) => all(names, "ok");
const isRoot = process.getuid?.() === 0;

/** What root of the host is answered, who comes as far as the arguments; its ordinary users may be refused before. */
function asRoot(answers: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(answers).map(([name, which]) => [name, isRoot ? which : [...which, "EPERM"]]),
  );
}

const inBash = kinds.filter((kind) => kind !== "pid").map((kind) => `unshare ${kind}`);
const mounts = ["mount tmpfs", "mount proc", "mount bind", "remount", "umount"];
const terminal = ["terminal input", "terminal input high", "terminal input higher", "line discipline high"];
const protocols = ["udp-lite", "sctp", "sctp high", "sctp 6", "dccp", "l2tp", "mptcp", "negative protocol"];

export const kernel: Theme = {
  title: "interfaces of the kernel",
  surveys: [
    {
      name: "namespaces",
      control: "contained",
      programs: {
        c: namespaces,
        bash: `
for kind in mount cgroup uts ipc user net time; do trial "unshare $kind" unshare --$kind true; done
trial 'setns uts' nsenter --uts=/proc/self/ns/uts true
trial 'setns net' nsenter --net=/proc/self/ns/net true
trial chroot /usr/sbin/chroot / /bin/true
trial 'mount tmpfs' mount -t tmpfs none /mnt
trial 'mount bind' mount --bind /usr /mnt
trial sethostname hostname owned
trial 'read implies execute' setarch "$(uname -m)" --read-implies-exec true
trial umount umount --lazy /proc
`,
      },
      answers: [
        { id: "kernel.unshare", languages: ["bash"], inside: refused(inBash), outside: allowed(inBash) },
        {
          id: "kernel.unshare",
          languages: ["c"],
          inside: refused([
            ...kinds.flatMap((kind) => [`unshare ${kind}`, `unshare high ${kind}`]),
            "number with a high half",
            "supervised unshare",
          ]),
          outside: allowed([
            ...kinds.map((kind) => `unshare ${kind}`),
            "number with a high half",
            "supervised unshare",
          ]),
        },
        {
          id: "kernel.clone",
          languages: ["c"],
          inside: refused([
            ...kinds.slice(0, -1).flatMap((kind) => [`clone ${kind}`, `clone high ${kind}`]),
            "clone without a signal",
          ]),
          outside: allowed(kinds.slice(0, -1).flatMap((kind) => [`clone ${kind}`, `clone high ${kind}`])),
        },
        {
          id: "kernel.clone3",
          languages: ["c"],
          inside: all(["clone3", "clone3 without a flag"], "ENOSYS"),
          outside: allowed(["clone3", "clone3 without a flag"]),
        },
        {
          id: "kernel.setns",
          inside: refused(["setns uts", "setns net"]),
          outside: allowed(["setns uts", "setns net"]),
        },
        {
          id: "kernel.setns",
          languages: ["c"],
          inside: refused(["setns by pidfd"]),
          outside: allowed(["setns by pidfd"]),
        },
        { id: "kernel.chroot", inside: refused(["chroot"]), outside: allowed(["chroot"]) },
        { id: "kernel.chroot", languages: ["c"], inside: refused(["pivot_root"]), outside: { pivot_root: "EINVAL" } },
        {
          id: "kernel.mount",
          languages: ["bash"],
          inside: all(["mount tmpfs", "mount bind", "umount"], ["EPERM", "EACCES", "ENOENT"]),
          outside: allowed(["mount tmpfs", "mount bind", "umount"]),
        },
        {
          id: "kernel.names",
          languages: ["bash"],
          inside: refused(["sethostname"]),
          outside: allowed(["sethostname"]),
        },
        {
          id: "kernel.personality",
          languages: ["bash"],
          inside: { "read implies execute": "ENOSYS" },
          outside: allowed(["read implies execute"]),
        },
      ],
    },
    {
      name: "interfaces",
      control: "contained",
      programs: { c: interfaces },
      answers: [
        { id: "kernel.mount", inside: refused(mounts), outside: allowed(mounts) },
        { id: "kernel.mount", inside: refused(["umount product", "cover product"]) },
        {
          id: "kernel.new-mount-calls",
          inside: refused(["fsopen", "fspick", "open_tree", "mount_setattr", "move_mount"]),
          outside: { ...allowed(["fsopen", "fspick", "open_tree", "mount_setattr"]), move_mount: "EBADF" },
        },
        {
          id: "kernel.ptrace",
          inside: refused(["ptrace traceme", "ptrace attach", "ptrace seize"]),
          outside: allowed(["ptrace traceme", "ptrace attach", "ptrace seize"]),
        },
        {
          id: "kernel.other-memory",
          inside: refused(["process_vm_readv", "process_vm_writev", "process_vm_readv warden", "pidfd_getfd", "kcmp"]),
          outside: allowed(["process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"]),
        },
        {
          id: "kernel.keyring",
          inside: refused(["add_key", "request_key", "keyctl"]),
          outside: { add_key: "ok", request_key: "ENOKEY", keyctl: "ok" },
        },
        {
          id: "kernel.perf",
          inside: refused(["perf_event_open"]),
          outside: { perf_event_open: perfIsOpen() ? "ok" : "EACCES" },
        },
        { id: "kernel.userfaultfd", inside: refused(["userfaultfd"]), outside: allowed(["userfaultfd"]) },
        {
          id: "kernel.io-uring",
          inside: refused(["io_uring_setup", "io_uring_enter", "io_uring_register"]),
          outside: { io_uring_setup: "ok", io_uring_enter: ["EOPNOTSUPP", "ENOTSUP"] },
        },
        { id: "kernel.fanotify", inside: refused(["fanotify_init"]), outside: allowed(["fanotify_init"]) },
        { id: "kernel.file-handles", inside: refused(["name_to_handle_at"]), outside: allowed(["name_to_handle_at"]) },
        {
          id: "kernel.names",
          inside: refused(["sethostname", "setdomainname"]),
          outside: allowed(["sethostname", "setdomainname"]),
        },
        { id: "kernel.vmsplice", inside: refused(["vmsplice"]), outside: allowed(["vmsplice"]) },
        {
          id: "kernel.personality",
          inside: all(["read implies execute", "no randomness and executable", "other personality"], "ENOSYS"),
          outside: allowed(["read implies execute", "no randomness and executable", "other personality"]),
        },
        {
          id: "kernel.unknown-calls",
          inside: { "no such call": "ENOSYS", "negative call": "SIGSYS" },
          outside: all(["no such call", "negative call"], "ENOSYS"),
        },
        {
          id: "kernel.terminal-input",
          inside: refused([...terminal, "console"]),
          // Kernels from 6.2 on may be set to refuse it to everybody.
          outside: { ...all(terminal, ["ok", "EIO"]), console: "ENOTTY" },
        },
        {
          id: "kernel.socket-families",
          inside: {
            "other families": "",
            "other families that answer otherwise": "",
            "netlink pair": "EAFNOSUPPORT",
            ...all(["netlink high", "packet high"], "ENOSYS"),
            "negative family": ["ENOSYS", "EAFNOSUPPORT"],
          },
          outside: { "other families": /\b16 .*\b17\b/, "netlink high": "ok", "packet high": "ok" },
        },
        {
          id: "kernel.raw-sockets",
          inside: { raw: "EPERM", "raw 6": "EPERM", "raw of all": "EPROTONOSUPPORT" },
          outside: allowed(["raw", "raw 6", "raw of all"]),
        },
        {
          id: "kernel.protocols",
          inside: all(protocols, "EPROTONOSUPPORT"),
          // Which of them there are is the kernel's affair; one of these two is in all of today's.
          outside: { "udp-lite": ["ok", "EPROTONOSUPPORT"], mptcp: ["ok", "EPROTONOSUPPORT", "ENOPROTOOPT"] },
        },
        {
          id: "kernel.modules",
          inside: refused(["bridges", "bridges high", "vlans"]),
          outside: all(["bridges", "bridges high", "vlans"], ["ok", "ENOPKG", "EFAULT", "EINVAL"]),
        },
        ...(process.arch === "x64"
          ? ([
              {
                id: "kernel.segments-and-ports",
                inside: refused(["modify_ldt", "iopl", "ioperm"]),
                outside: { modify_ldt: "ok", iopl: ["ok", "ENOSYS"], ioperm: ["ok", "ENOSYS"] },
              },
              {
                id: "kernel.32-bit-entry",
                inside: all(["32-bit getpid", "32-bit unshare"], "SIGSYS"),
                // A kernel without 32-bit calls answers the instruction with a fault.
                outside: all(["32-bit getpid", "32-bit unshare"], ["ok", "SIGSEGV"]),
              },
              {
                id: "kernel.x32-numbers",
                inside: all(["x32 getpid", "x32 open", "x32 ptrace"], "SIGSYS"),
                outside: all(["x32 getpid", "x32 open", "x32 ptrace"], ["ok", "ENOSYS"]),
              },
            ] as const)
          : []),
      ],
    },
    {
      name: "administration",
      control: "plain",
      programs: {
        c: administration,
        bash: `
trial syslog dmesg
device=/tmp/$TARGET_ABSTRACT-bash
trial mknod mknod "$device" c 1 3
rm -f "$device"
`,
      },
      answers: [
        {
          id: "kernel.file-handles",
          languages: ["c"],
          inside: refused(["open_by_handle_at"]),
          outside: asRoot({ open_by_handle_at: ["ESTALE", "EINVAL"] }),
        },
        { id: "kernel.bpf", languages: ["c"], inside: refused(["bpf"]), outside: asRoot({ bpf: ["ok"] }) },
        {
          id: "kernel.modules",
          languages: ["c"],
          inside: refused(["init_module", "finit_module", "delete_module"]),
          outside: asRoot({
            init_module: ["ENOEXEC", "EFAULT", "ENOSYS"],
            finit_module: ["EBADF", "ENOSYS"],
            delete_module: ["ENOENT", "ENOSYS"],
          }),
        },
        {
          id: "kernel.kexec-and-reboot",
          languages: ["c"],
          inside: refused(["kexec_load", "reboot"]),
          outside: asRoot({ kexec_load: ["EINVAL", "ENOSYS"], reboot: ["EINVAL"] }),
        },
        {
          id: "kernel.swap",
          languages: ["c"],
          inside: refused(["swapon", "swapoff"]),
          outside: asRoot({ swapon: ["ENOENT", "ENOSYS"], swapoff: ["ENOENT", "ENOSYS"] }),
        },
        {
          id: "kernel.clock",
          languages: ["c"],
          inside: refused(["clock_settime", "settimeofday", "adjtimex"]),
          outside: asRoot({ clock_settime: ["EINVAL"], settimeofday: ["ok"], adjtimex: ["ok"] }),
        },
        {
          id: "kernel.log-and-accounting",
          inside: refused(["syslog"]),
          outside: asRoot({ syslog: ["ok"] }),
        },
        {
          id: "kernel.log-and-accounting",
          languages: ["c"],
          inside: refused(["acct"]),
          outside: asRoot({ acct: ["ENOENT", "ENOSYS"] }),
        },
        { id: "kernel.device-nodes", inside: refused(["mknod"]), outside: asRoot({ mknod: ["ok"] }) },
      ],
    },
  ],
  attacks: [],
};
