/** The program of kernel-interfaces.test.ts: every call, in a process of its own. */
export const attempts = `
import mmap, platform, resource
NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
kinds = {"mount": NEWNS, "cgroup": NEWCGROUP, "uts": NEWUTS, "ipc": NEWIPC, "user": NEWUSER, "pid": NEWPID, "net": NEWNET}
room = ctypes.create_string_buffer(4096)

def opened(descriptor):
    os.close(descriptor)

def cloned(call):
    child = call()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0x40000000)  # __WALL

for kind, flag in kinds.items():
    trial("unshare " + kind, lambda: syscall("unshare", flag))
    # A new user namespace comes along, so that the clone needs no privilege where it is allowed at all.
    trial("clone " + kind, lambda: cloned(lambda: syscall("clone", flag | NEWUSER | signal.SIGCHLD, 0, 0, 0, 0)))
    trial("clone high " + kind, lambda: cloned(lambda: syscall("clone", flag | NEWUSER | signal.SIGCHLD | 1 << 40, 0, 0, 0, 0)))
trial("clone3", lambda: cloned(lambda: syscall("clone3", struct.pack("8Q", NEWUSER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0), 64)))
def join(kind):
    descriptor = os.open("/proc/self/ns/" + kind, os.O_RDONLY)
    return syscall("setns", descriptor, 0)
trial("setns uts", lambda: join("uts"))
trial("setns net", lambda: join("net"))
trial("setns by pidfd", lambda: syscall("setns", os.pidfd_open(os.getppid()), NEWUTS))
trial("chroot", lambda: syscall("chroot", b"/tmp"))
trial("pivot_root", lambda: syscall("pivot_root", b"/tmp", b"/tmp"))
trial("mount tmpfs", lambda: syscall("mount", b"none", b"/tmp", b"tmpfs", 0, 0))
trial("mount proc", lambda: syscall("mount", b"proc", b"/proc", b"proc", 0, 0))
trial("mount bind", lambda: syscall("mount", b"/usr", b"/tmp", 0, 0x1000, 0))
trial("remount", lambda: syscall("mount", 0, b"/proc", 0, 0x20, 0))
trial("umount", lambda: syscall("umount2", b"/proc", 2))
trial("fsopen", lambda: opened(syscall("fsopen", b"tmpfs", 0)))
trial("open_tree", lambda: opened(syscall("open_tree", -100, b"/usr", 1)))
trial("mount_setattr", lambda: syscall("mount_setattr", -100, b"/proc", 0, struct.pack("4Q", 2, 0, 0, 0), 32))
trial("move_mount", lambda: syscall("move_mount", -1, b"", -100, b"/tmp", 4))
trial("ptrace traceme", lambda: syscall("ptrace", 0, 0, 0, 0))

def with_child(action):
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    try:
        return action(child)
    finally:
        os.kill(child, signal.SIGKILL)
trial("ptrace attach", lambda: with_child(lambda child: syscall("ptrace", 16, child, 0, 0)))
trial("ptrace seize", lambda: with_child(lambda child: syscall("ptrace", 0x4206, child, 0, 0)))
trial("ptrace parent", lambda: syscall("ptrace", 0x4206, 1, 0, 0))
def transfer(call, pid):
    address = ctypes.addressof(room)
    one = struct.pack("QQ", address, 8)
    return syscall(call, pid, one, 1, one, 1, 0)
trial("process_vm_readv", lambda: with_child(lambda child: transfer("process_vm_readv", child)))
trial("process_vm_writev", lambda: with_child(lambda child: transfer("process_vm_writev", child)))
trial("process_vm_readv warden", lambda: transfer("process_vm_readv", 1))
trial("pidfd_getfd", lambda: opened(syscall("pidfd_getfd", os.pidfd_open(os.getpid()), 1, 0)))
trial("kcmp", lambda: syscall("kcmp", os.getpid(), os.getpid(), 0, 1, 1))

trial("add_key", lambda: syscall("add_key", b"user", b"canary", b"x", 1, -3) and None)
trial("request_key", lambda: syscall("request_key", b"user", b"no such key", 0, 0))
trial("keyctl", lambda: syscall("keyctl", 0, -3, 1, 0, 0) and None)
def exhaust_keys():
    made = 0
    try:
        for number in range(int(os.environ.get("KEYS", 3))):
            syscall("add_key", b"user", b"flood-%d" % number, b"x" * 64, 64, -3)
            made += 1
    except OSError as error:
        return [made, said(error.errno)]
    return [made, None]
trial("key flood", exhaust_keys)

def perf():
    # A software counter that counts nothing, of this process, without the kernel's own work.
    attributes = struct.pack("IIQQQQQ", 1, 128, 9, 0, 0, 0, 1 << 5 | 1 << 6).ljust(128, b"\\0")
    return opened(syscall("perf_event_open", attributes, 0, -1, -1, 0))
trial("perf_event_open", perf)
trial("userfaultfd", lambda: opened(syscall("userfaultfd", 1)))
trial("io_uring_setup", lambda: opened(syscall("io_uring_setup", 1, room)))
trial("io_uring_register", lambda: syscall("io_uring_register", 1, 0, 0, 0))
trial("fanotify_init", lambda: opened(syscall("fanotify_init", 0x200, 0)))
trial("name_to_handle_at", lambda: syscall("name_to_handle_at", -100, b"/usr", struct.pack("Ii", 128, 0).ljust(136, b"\\0"), ctypes.create_string_buffer(8), 0))
trial("sethostname", lambda: syscall("sethostname", b"owned", 5))
trial("setdomainname", lambda: syscall("setdomainname", b"owned", 5))
trial("vmsplice", lambda: syscall("vmsplice", os.pipe()[1], struct.pack("QQ", ctypes.addressof(room), 8), 1, 0) and None)
trial("read implies execute", lambda: syscall("personality", 0x0400000))
trial("other personality", lambda: syscall("personality", 0x0400008))
if platform.machine() == "x86_64":
    trial("modify_ldt", lambda: syscall("modify_ldt", 0, room, 16))
    trial("iopl", lambda: syscall("iopl", 0))
    trial("ioperm", lambda: syscall("ioperm", 0x80, 1, 0))
    def call_32_bit():
        # mov eax, 20 (getpid of 32 bits); int 0x80; ret
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
        return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() == os.getpid()
    trial("32-bit entry", call_32_bit)
    trial("x32 numbers", lambda: syscall(0x40000000 + 39) == os.getpid())
    trial("x32 open", lambda: opened(syscall(0x40000000 + 2, b"/etc/passwd", 0)))
trial("no such call", lambda: syscall(0x7FF, 0))

def stuff_terminal(request):
    primary, secondary = os.openpty()
    os.setsid()
    import fcntl
    fcntl.ioctl(secondary, 0x540E, 0)  # TIOCSCTTY: a terminal of its own, so that nothing else forbids it
    return syscall("ioctl", secondary, request, ctypes.create_string_buffer(b"x"))
trial("terminal input", lambda: stuff_terminal(0x5412))
trial("terminal input high", lambda: stuff_terminal(0x5412 | 1 << 32))
trial("terminal input higher", lambda: stuff_terminal(0x5412 | 0xFFFFFFFF << 32))
trial("line discipline high", lambda: syscall("ioctl", os.openpty()[1], 0x5423 | 1 << 32, struct.pack("i", 0)))
trial("console", lambda: syscall("ioctl", os.openpty()[1], 0x541C | 1 << 32, ctypes.create_string_buffer(b"\\2")))

families = {}
for family in range(64):
    if family not in (1, 2, 10):
        for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
            families.setdefault(outcome(lambda: opened(syscall("socket", family, kind, 0))), set()).add(family)
found["families"] = {answer: sorted(which) for answer, which in families.items()}
trial("netlink high", lambda: opened(syscall("socket", 16 | 1 << 32, socket.SOCK_RAW, 0)))
trial("packet high", lambda: opened(syscall("socket", 17 | 1 << 32, socket.SOCK_RAW, 0)))
trial("raw", lambda: opened(syscall("socket", 2, socket.SOCK_RAW, 1)))
trial("raw 6", lambda: opened(syscall("socket", 10, socket.SOCK_RAW, 58)))
trial("negative family", lambda: opened(syscall("socket", -1, socket.SOCK_STREAM, 0)))

# What only root of the host may do: with arguments that change nothing.
trial("open_by_handle_at", lambda: opened(syscall("open_by_handle_at", os.open("/usr", os.O_RDONLY), struct.pack("Ii", 8, 1) + bytes(8), 0)))
trial("bpf", lambda: opened(syscall("bpf", 0, struct.pack("5I", 2, 4, 4, 1, 0).ljust(72, b"\\0"), 72)))
trial("init_module", lambda: syscall("init_module", 0, 0, b""))
trial("finit_module", lambda: syscall("finit_module", -1, b"", 0))
trial("delete_module", lambda: syscall("delete_module", b"no_such_module", 0x800))
trial("kexec_load", lambda: syscall("kexec_load", 0, 0, 0, 0xFFFF))
trial("reboot", lambda: syscall("reboot", 0, 0, 0, 0))
trial("swapon", lambda: syscall("swapon", b"/nonexistent", 0))
trial("swapoff", lambda: syscall("swapoff", b"/nonexistent"))
trial("settimeofday", lambda: syscall("settimeofday", 0, 0))
trial("clock_settime", lambda: syscall("clock_settime", 0, struct.pack("qq", 0, 2 * 10**9)))
trial("adjtimex", lambda: syscall("adjtimex", bytes(208)) * 0)
trial("syslog", lambda: syscall("syslog", 10, 0, 0) * 0)
trial("acct", lambda: syscall("acct", b"/nonexistent"))
trial("quotactl", lambda: syscall("quotactl", 0x80000700, b"/nonexistent", 0, room))
def make_device():
    path = b"/tmp/" + target["abstract"].encode()
    syscall("mknodat", -100, path, 0o20600, 0x103)  # /dev/null once more
    os.unlink(path)
trial("mknod", make_device)
trial("lookup_dcookie", lambda: syscall("lookup_dcookie" if platform.machine() != "x86_64" else 212, 0, room, 16))
finish()
`;
