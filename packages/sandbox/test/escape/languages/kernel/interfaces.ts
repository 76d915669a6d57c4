import { readFileSync } from "node:fs";
import { all, type Survey } from "../theme.ts";
import { allowed, refused } from "./answers.ts";

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

const perfIsOpen = () => Number(readFileSync("/proc/sys/kernel/perf_event_paranoid", "utf8")) < 3;

const mounts = ["mount tmpfs", "mount proc", "mount bind", "remount", "umount"];
const terminal = ["terminal input", "terminal input high", "terminal input higher", "line discipline high"];
const protocols = ["udp-lite", "sctp", "sctp high", "sctp 6", "dccp", "l2tp", "mptcp", "negative protocol"];

/** Calls that no program needs, made as root of a namespace in the control. */
export const ofInterfaces: Survey = {
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
};
