"""The seccomp filter of the programs: what a program may ask of the kernel.

The filter is an allowlist. What is not named answers ENOSYS, so that a C library falls back to an older
call; what is refused on purpose answers EPERM, so that the reason shows. Another architecture's entry
point (32-bit calls on a 64-bit kernel) kills the process, because the numbers would mean other calls.

libseccomp assembles the program; it is on every Debian and Ubuntu machine. The nursery builds it once and
every runner installs the same bytes.
"""

import ctypes
import errno
import os
import stat

_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_KILL_PROCESS = 0x80000000
_NE, _EQ, _GT, _MASKED_EQ = 1, 4, 6, 7
_ATTRIBUTE_BADARCH, _ATTRIBUTE_NNP, _ATTRIBUTE_OPTIMIZE = 2, 3, 8
_RLIMIT_CORE = 4
_FILE_KIND = 0o170000
_WARDEN = 1  # its process id, as programs see it

# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_NAMESPACE_FLAGS = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
_AF_UNIX, _AF_INET, _AF_INET6, _AF_MAX = 1, 2, 10, 64
_TIOCSTI, _TIOCLINUX, _TIOCSETD = 0x5412, 0x541C, 0x5423
# SIOCGIFBR, SIOCSIFBR, SIOCADDDLCI, SIOCDELDLCI, SIOCGIFVLAN, SIOCSIFVLAN, SIOCBRADDBR, SIOCBRDELBR: for these the
# kernel loads a module for whoever asks.
_LOADING_REQUESTS = (0x8940, 0x8941, 0x8980, 0x8981, 0x8982, 0x8983, 0x89A0, 0x89A1)
_F_SETLEASE, _F_NOTIFY, _F_SETDELEG = 1024, 1026, 1040
_F_OFD_SETLK, _F_OFD_SETLKW = 37, 38
_CLONE_FILES, _CLONE_THREAD = 0x400, 0x10000
_PR_SET_SECCOMP = 22
_SOL_SOCKET = 1
_SO_SNDBUF, _SO_RCVBUF = 7, 8
# level -> options that programs do not have
_REFUSED_OPTIONS = {
    # Filters: SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_EBPF. Copies of what was
    # sent, which nobody counts: SO_TIMESTAMPING (old, new), SO_ZEROCOPY.
    _SOL_SOCKET: (26, 50, 51, 52, 37, 65, 60),
    # TCP_MD5SIG, TCP_MD5SIG_EXT, TCP_AO_ADD_KEY, TCP_AO_DEL_KEY, TCP_AO_INFO: keys, which nobody counts, and modules for
    # them. TCP_ULP: modules.
    6: (14, 32, 38, 39, 40, 31),
    # IPV6_ADD_MEMBERSHIP, IPV6_JOIN_ANYCAST, MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP, MCAST_MSFILTER: any number of them
    # for one socket, which takes seconds to close then. IPV6_FLOWLABEL_MGR: the host has 4096 labels.
    41: (20, 27, 42, 46, 48, 32),
}
_MAP_HUGETLB, _MFD_HUGETLB, _SHM_HUGETLB = 0x40000, 0x4, 0o4000
_IP, _ICMP, _TCP, _UDP, _ICMPV6 = 0, 1, 6, 17, 58
_SOCKET_KIND = 0xF
_STREAM, _DATAGRAM, _RAW = 1, 2, 3
_PERSONALITIES = (0x0, 0x20000, 0x40000, 0x60000, 0xFFFFFFFF)

ALLOWED = """
accept accept4 access alarm arch_prctl bind brk cacheflush capget capset chdir chmod chown clock_getres
clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create
epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve
execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat
fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr fstat fstatfs fsync ftruncate futex
futex_requeue futex_wait futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 getegid geteuid getgid
getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit
get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid gettimeofday getuid getxattr
inotify_init inotify_init1 inotify_rm_watch ioprio_get ioprio_set kill landlock_add_rule
landlock_create_ruleset landlock_restrict_self lchown lgetxattr
link linkat listen listxattr llistxattr lremovexattr lseek lstat madvise map_shadow_stack membarrier mincore
mkdir mkdirat mlock mlock2 mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend
mq_unlink mremap mseal msync munlock munlockall munmap nanosleep newfstatat open openat openat2 pause pidfd_open
pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv preadv2 process_mrelease
pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages
removexattr rename renameat renameat2 restart_syscall riscv_flush_icache riscv_hwprobe rmdir rseq rt_sigaction
rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield select
semctl semget semop semtimedop sendfile sendmmsg sendmsg sendto setfsgid setfsuid setgid setgroups setitimer setpgid
setpriority setregid setresgid setresuid setreuid set_robust_list setsid setsockopt set_thread_area set_tid_address
setuid shmat shmctl shmdt shutdown sigaltstack signalfd signalfd4 splice stat statfs
statx symlink symlinkat sync_file_range sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink
unlinkat utime utimensat utimes vfork wait4 waitid waitpid write writev
""".split()

# Memory that no process maps: nothing counts it where there is no memory cgroup.
COUNTED_BY_CGROUPS_ONLY = ("memfd_create", "shmget", "msgget", "msgsnd", "msgrcv", "msgctl")

# Two of these need a reason:
# - inotify_add_watch: a watch on a folder of /usr tells of everything that the host and all neighbours open in it.
# - setxattr and its kin: an access list of 64 KiB on each file is memory of the kernel that no cgroup counts.
REFUSED = """
acct add_key adjtimex bpf chroot clock_adjtime clock_settime create_module delete_module fanotify_init fanotify_mark
finit_module fsconfig fsetxattr fsmount fsopen fspick get_kernel_syms get_mempolicy init_module inotify_add_watch
io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl listmount
lookup_dcookie lsetxattr lsm_set_self_attr mbind memfd_secret migrate_pages modify_ldt mount mount_setattr move_mount
move_pages name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root
process_madvise process_vm_readv process_vm_writev ptrace query_module quotactl quotactl_fd reboot request_key
set_mempolicy set_mempolicy_home_node setdomainname sethostname setns settimeofday setxattr setxattrat statmount
swapoff swapon sysfs syslog umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old vmsplice
""".split()


class _Comparison(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class _Builder:
    def __init__(self, default):
        try:
            self._library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        except OSError as error:
            raise OSError("libseccomp.so.2 cannot be loaded: install the package libseccomp2") from error
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._library.seccomp_init.argtypes = (ctypes.c_uint32,)
        self._library.seccomp_attr_set.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32)
        self._library.seccomp_rule_add_array.argtypes = (
            ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p,
        )
        self._library.seccomp_export_bpf.argtypes = (ctypes.c_void_p, ctypes.c_int)
        self._library.seccomp_release.argtypes = (ctypes.c_void_p,)
        self._context = self._library.seccomp_init(default)
        if not self._context:
            raise OSError("libseccomp did not make a filter")
        self.attribute(_ATTRIBUTE_BADARCH, _KILL_PROCESS)
        self.attribute(_ATTRIBUTE_NNP, 0)  # the runner sets it
        try:
            self.attribute(_ATTRIBUTE_OPTIMIZE, 2)  # a binary tree instead of a chain
        except OSError:
            pass  # libseccomp before 2.5: slower, not weaker

    def attribute(self, name, value):
        self._checked(self._library.seccomp_attr_set(self._context, name, value), f"attribute {name}")

    def rule(self, action, call, *comparisons):
        """Adds one rule; names that this libseccomp or this architecture does not know are passed over."""
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            return
        array = (_Comparison * max(1, len(comparisons)))(*comparisons)
        result = self._library.seccomp_rule_add_array(self._context, action, number, len(comparisons), array)
        self._checked(result, f"rule {call}")

    def program(self):
        descriptor = os.memfd_create("filter")
        try:
            self._checked(self._library.seccomp_export_bpf(self._context, descriptor), "export")
            return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        finally:
            os.close(descriptor)
            self._library.seccomp_release(self._context)

    @staticmethod
    def _checked(result, what):
        if result < 0:
            raise OSError(-result, f"libseccomp {what}: {os.strerror(-result)}")


def build(memory_is_counted, separate_uids):
    """Returns the filters as a list of bytes of BPF instructions, to be installed in this order.

    The kernel runs every installed filter and obeys the strictest answer. The first is the allowlist of
    calls; the second refuses single arguments of allowed calls, which an allowlist cannot express.

    memory_is_counted: a memory cgroup counts what the program allocates. Without it the calls are refused
    whose memory would escape the sampling of processes.

    separate_uids: programs have another uid than their warden. Without it the calls are refused by which a
    process changes another of its own uid, where they name the warden.
    """
    return [_allowlist(memory_is_counted), _refused_arguments(separate_uids)]


def _allowlist(memory_is_counted):
    absent = _ERRNO | errno.ENOSYS
    refuse = _ERRNO | errno.EPERM
    builder = _Builder(absent)
    for call in (*ALLOWED, "clone", "ioctl", "prlimit64", "setrlimit"):
        builder.rule(_ALLOW, call)
    for call in REFUSED:
        builder.rule(refuse, call)
    for call in COUNTED_BY_CGROUPS_ONLY:
        builder.rule(_ALLOW if memory_is_counted else refuse, call)
    for persona in _PERSONALITIES:
        builder.rule(_ALLOW, "personality", _Comparison(0, _EQ, persona, 0))
    # Answered without being done: every file a program can write is in memory, and these flush the host's disks.
    for call in ("sync", "syncfs"):
        builder.rule(_ERRNO | 0, call)
    # FIFOs, sockets and plain files, and no devices, whatever capability a process may come to have.
    for call, mode in (("mknod", 1), ("mknodat", 2)):
        for kind in (0, stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK):
            builder.rule(_ALLOW, call, _Comparison(mode, _MASKED_EQ, _FILE_KIND, kind))
        for kind in (stat.S_IFCHR, stat.S_IFBLK):
            builder.rule(refuse, call, _Comparison(mode, _MASKED_EQ, _FILE_KIND, kind))
    # Local and internet families only; the network namespace is empty but for a loopback of its own.
    for call in ("socket", "socketpair"):
        for family in range(_AF_MAX):
            known = family in (_AF_UNIX, _AF_INET, _AF_INET6)
            builder.rule(_ALLOW if known else _ERRNO | errno.EAFNOSUPPORT, call, _Comparison(0, _EQ, family, 0))
    return builder.program()


def _refused_arguments(separate_uids):
    refuse = _ERRNO | errno.EPERM
    builder = _Builder(_ALLOW)
    # The kernel reads 32 bits of these arguments, so a comparison of all 64 could be passed by.
    low = 0xFFFFFFFF
    for flag in _NAMESPACE_FLAGS:
        builder.rule(refuse, "clone", _Comparison(0, _MASKED_EQ, flag, flag))
    for request in (_TIOCSTI, _TIOCLINUX, _TIOCSETD, *_LOADING_REQUESTS):
        builder.rule(refuse, "ioctl", _Comparison(1, _MASKED_EQ, low, request))
    # A core limit of 1 keeps the host's crash handler out; the program must not change it.
    builder.rule(refuse, "setrlimit", _Comparison(0, _MASKED_EQ, low, _RLIMIT_CORE))
    builder.rule(
        refuse, "prlimit64", _Comparison(1, _MASKED_EQ, low, _RLIMIT_CORE), _Comparison(2, _NE, 0, 0)
    )
    # The older way to watch a folder; and leases, which tell of every open of a file and hold up whoever opens it.
    for command in (_F_NOTIFY, _F_SETLEASE, _F_SETDELEG):
        builder.rule(refuse, "fcntl", _Comparison(1, _MASKED_EQ, low, command))
    _refuse_hidden_locks(builder, refuse, low)
    _refuse_filters(builder, low)
    _refuse_socket_options(builder, low)
    _refuse_huge_pages(builder, _ERRNO | errno.ENOMEM)
    _refuse_protocols(builder, _ERRNO | errno.EPROTONOSUPPORT)
    if not separate_uids:
        _shield_warden(builder, refuse, low)
    return builder.program()


def _refuse_hidden_locks(builder, refuse, low):
    """The warden counts the locks on files by the processes that hold them (see holdings). Two kinds have none: locks of
    an open file, and those whose process has ended while another lives on with its table of descriptors."""
    # The answer of a kernel that has no such locks: who knows both kinds takes the older one then.
    for command in (_F_OFD_SETLK, _F_OFD_SETLKW):
        builder.rule(_ERRNO | errno.EINVAL, "fcntl", _Comparison(1, _MASKED_EQ, low, command))
    builder.rule(refuse, "clone", _Comparison(0, _MASKED_EQ, _CLONE_FILES | _CLONE_THREAD, _CLONE_FILES))


def _refuse_filters(builder, low):
    """The kernel compiles filters of calls and of sockets into memory of which the whole host has one fixed amount.

    Answered as by a kernel without them, with which programs that would restrict themselves know how to live; the
    allowlist leaves out seccomp(2) to the same end. This filter must be the last that is installed.
    """
    builder.rule(_ERRNO | errno.EINVAL, "prctl", _Comparison(0, _MASKED_EQ, low, _PR_SET_SECCOMP))


def _refuse_socket_options(builder, low):
    """Options that take memory of the kernel past every limit, or something that the whole host shares: answered as by a
    kernel without them. The size of buffers stays as it is, whatever a program asks for: some of what is in them is
    counted by nobody but the warden, who takes it to be full (see socket_buffers)."""

    def answer(number, level, option):
        ours = _Comparison(1, _MASKED_EQ, low, level), _Comparison(2, _MASKED_EQ, low, option)
        builder.rule(_ERRNO | number, "setsockopt", *ours)

    for level, options in _REFUSED_OPTIONS.items():
        for option in options:
            answer(errno.ENOPROTOOPT, level, option)
    for option in (_SO_SNDBUF, _SO_RCVBUF):
        answer(0, _SOL_SOCKET, option)


def _refuse_huge_pages(builder, refuse):
    """The host has a fixed number of huge pages, set aside for its own services, and no memory limit counts them."""
    for call, argument, flag in (
        ("mmap", 3, _MAP_HUGETLB), ("memfd_create", 1, _MFD_HUGETLB), ("shmget", 2, _SHM_HUGETLB)
    ):
        builder.rule(refuse, call, _Comparison(argument, _MASKED_EQ, flag, flag))


def _refuse_protocols(builder, refuse):
    """Internet sockets speak TCP, UDP and ICMP. For any other protocol, or kind of socket, the kernel would load a module:
    SCTP, DCCP, L2TP."""
    for family, known in ((_AF_INET, (_IP, _ICMP, _TCP, _UDP)), (_AF_INET6, (_IP, _ICMP, _TCP, _UDP, _ICMPV6))):
        own = _Comparison(0, _EQ, family, 0)
        for protocol in set(range(max(known))) - set(known):
            builder.rule(refuse, "socket", own, _Comparison(2, _EQ, protocol, 0))
        builder.rule(refuse, "socket", own, _Comparison(2, _GT, max(known), 0))
        for kind in set(range(_SOCKET_KIND + 1)) - {_STREAM, _DATAGRAM, _RAW}:
            builder.rule(_ERRNO | errno.ESOCKTNOSUPPORT, "socket", own, _Comparison(1, _MASKED_EQ, _SOCKET_KIND, kind))


def _shield_warden(builder, refuse, low):
    """Refuses what the kernel allows between processes of one uid: limits, priority, processors of the warden."""
    builder.rule(refuse, "prlimit64", _Comparison(0, _NE, 0, 0), _Comparison(2, _NE, 0, 0))
    for call in ("sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler"):
        builder.rule(refuse, call, _Comparison(0, _MASKED_EQ, low, _WARDEN))
    for call, process, user in (("setpriority", 0, 2), ("ioprio_set", 1, 3)):
        builder.rule(refuse, call, _Comparison(0, _MASKED_EQ, low, process), _Comparison(1, _MASKED_EQ, low, _WARDEN))
        builder.rule(refuse, call, _Comparison(0, _MASKED_EQ, low, user))
