"""The runner gives up every privilege, for good, before it sees the first byte of a program."""

import fcntl
import os
import resource
import socket
import struct

from . import kernel, mounts

# Room above the cgroup's count of processes, so that the cgroup refuses first and can be asked about it.
_PROCESS_SLACK = 8
# Room for the other sandboxes of one uid, where only sampling counts processes: a bomb must not outrun it.
_SHARED_ROOM = 256


def set_process_limits(limits, separate_uid, counted, pid):
    """Sets the resource limits of a parked runner. A program can lower them and never raise them again.

    RLIMIT_NPROC counts per uid and user namespace: with a uid shared between sandboxes it would let them
    starve each other, so it is left to the cgroup there, or with room to the sampling, which ends a bomb only
    while there are few processes to look at. counted: a cgroup counts the processes too.
    """
    values = {
        resource.RLIMIT_NOFILE: limits["openFiles"],
        resource.RLIMIT_FSIZE: mounts.size_for(limits["diskBytes"]),
        resource.RLIMIT_CPU: limits["cpuMs"] // 1000 + 2,
        resource.RLIMIT_MEMLOCK: 8 * 1024 * 1024,
    }
    if separate_uid:
        values[resource.RLIMIT_NPROC] = limits["processes"] + (_PROCESS_SLACK if counted else 0)
    elif not counted:
        values[resource.RLIMIT_NPROC] = limits["processes"] + _SHARED_ROOM
    for name, wanted in values.items():
        hard = resource.prlimit(pid, name)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.prlimit(pid, name, (value, value))


def _lower(name, value):
    hard = resource.getrlimit(name)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(name, (value, value))


def prepare_for_all():
    """What is the same for every runner and harms no warden; done once in the nursery and inherited."""
    # A limit of 1 is special: neither a core file nor a pipe to the host's crash handler (core(5)).
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    # Of these two the kernel has one amount for all sandboxes together: that of the user who started them.
    _lower(resource.RLIMIT_MSGQUEUE, 100 * 1024)
    _lower(resource.RLIMIT_SIGPENDING, 1024)
    kernel.forbid_privilege_by_exec()


def give_up_privileges(uid, setting):
    """Takes the uid, empties every capability set, installs the filters. What `prepare_for_all` did holds here."""
    score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(score, b"1000")  # when the machine is out of memory, programs go first
    os.close(score)
    if setting.separate_uids:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    kernel.clear_capabilities()
    # Changing the uid made this process undumpable, which hides its own /proc/self (and /dev/stdout) from it.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    for seccomp_filter in setting.filters:
        seccomp_filter.install()


_LOOPBACK_UP = struct.pack("16sh22x", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
_SIOCSIFFLAGS = 0x8914


def raise_loopback():
    """Sets the loopback interface of this network namespace up."""
    handle = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(handle, _SIOCSIFFLAGS, _LOOPBACK_UP)
    handle.close()


def set_address_space(limits, pid):
    """A backstop where no cgroup counts memory: twice the limit and 1 GiB of address space above the present use.

    Sampling finds the excess first; this bounds what a program can take between two samples.
    """
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        mapped = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    value = mapped + 2 * limits["memoryBytes"] + (1 << 30)
    resource.prlimit(pid, resource.RLIMIT_AS, (value, value))
