"""The file system of one sandbox, seen from inside.

The root is the nursery's, read-only. What a program may write lies on one tmpfs, so that one size counts
for all of it: the workspace, /tmp, /dev/shm and the job folder are folders of it. /proc is fresh and shows the
program's own processes. /run, where the nursery keeps its socket, is taken out of the view.
"""

import os

from . import kernel

WORKSPACE = "/workspace"
JOB = "/glovebox"
PRODUCT = f"{JOB}/product"
STAGING = "/mnt"
NURSERY_FILES = "/run"
STAGED = "/inputs"

# What of /proc speaks about the machine rather than about processes, and is no use to a program.
MASKED = (
    "keys", "key-users", "timer_list", "sched_debug", "sysrq-trigger", "kcore", "kallsyms", "kmsg", "slabinfo",
    "latency_stats", "vmallocinfo", "pagetypeinfo", "modules",
    # What the host and other sandboxes do: their locks, their number, their disks, devices and memory.
    "locks", "cgroups", "diskstats", "partitions", "mdstat", "interrupts", "softirqs", "schedstat", "buddyinfo", "zoneinfo",
    "cmdline",
)
MASKED_FOLDERS = ("fs", "pressure")
WRITE_PROTECTED = ("sys", "bus", "irq")

# Bytes of one TCP connection in each direction: least, at the beginning, most. The kernel's own most is 6 MiB.
_SOCKET_SIZES = {"tcp_rmem": "4096 131072 262144", "tcp_wmem": "4096 16384 262144"}

# The kernel has 3072 for all sandboxes of the host together.
MAX_TERMINALS = 32

_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV
_PAGE = os.sysconf("SC_PAGE_SIZE")


def present_in_proc():
    """The names to mask and to protect that this kernel has; looked up once, before any sandbox."""
    return (
        [name for name in MASKED if os.path.exists(f"/proc/{name}")],
        [name for name in MASKED_FOLDERS if os.path.isdir(f"/proc/{name}")],
        [name for name in WRITE_PROTECTED if os.path.isdir(f"/proc/{name}")],
    )


def size_for(disk_bytes):
    """One page more than the limit: who fills it wanted more than was allowed, and who uses all of the limit did not."""
    return disk_bytes + _PAGE


def tmpfs_options(disk_bytes, inodes):
    return f"mode=0755,size={size_for(disk_bytes)},nr_inodes={inodes}"


def inodes_for(disk_bytes):
    """One inode for each 4 KiB, at least 1024 and at most 262 144: an inode costs about 1 KiB of kernel memory."""
    return max(1024, min(262_144, disk_bytes // 4096))


_WRITABLE = (("workspace", WORKSPACE, 0o700), ("tmp", "/tmp", 0o1777), ("shm", "/dev/shm", 0o1777))
_JOB_FOLDER = (("job", JOB, 0o700),)


def set_up(disk_bytes, owner, proc_names, with_job):
    """Builds the view in a new mount namespace of this process. `owner` is the uid that the program will have.
    with_job: there is a folder for the files by which a program and Glovebox talk.
    Returns a descriptor of the list of file locks, which is masked, or None when this kernel has none."""
    masked, masked_folders, protected = proc_names
    kernel.mount("sandbox", STAGING, "tmpfs", _FLAGS, tmpfs_options(disk_bytes, inodes_for(disk_bytes)))
    for name, target, mode in (*_WRITABLE, *(_JOB_FOLDER if with_job else ())):
        folder = f"{STAGING}/{name}"
        os.mkdir(folder)
        os.chmod(folder, mode)
        kernel.mount(folder, target, None, kernel.MS_BIND)
    os.chown(WORKSPACE, owner, owner)
    if with_job:
        os.chown(JOB, owner, owner)
    kernel.unmount(STAGING)
    kernel.mount("proc", "/proc", "proc", _FLAGS | kernel.MS_NOEXEC, "hidepid=2")
    _bound_connections()
    locks = os.open("/proc/locks", os.O_RDONLY | os.O_CLOEXEC) if "locks" in masked else None
    for name in masked:
        kernel.mount("/dev/null", f"/proc/{name}", None, kernel.MS_BIND)
    for name in masked_folders:
        kernel.mount(STAGING, f"/proc/{name}", None, kernel.MS_BIND)  # empty by now
    for name in protected:
        path = f"/proc/{name}"
        kernel.mount(path, path, None, kernel.MS_BIND | kernel.MS_REC)
        kernel.mount(None, path, None, kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY | _FLAGS | kernel.MS_NOEXEC)
    kernel.mount("devpts", "/dev/pts", "devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC, f"newinstance,ptmxmode=0666,mode=0620,max={MAX_TERMINALS}")
    return locks


def _bound_connections():
    """Some of what is in a connection is counted by nobody (see socket_buffers). These are of this network namespace."""
    for name, sizes in _SOCKET_SIZES.items():
        with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="ascii") as file:
            file.write(sizes)


def resize(disk_bytes):
    """Gives the writable file system another size. Raises OSError when more is in use already."""
    kernel.mount(
        None, WORKSPACE, None, kernel.MS_REMOUNT | _FLAGS, f"size={size_for(disk_bytes)},nr_inodes={inodes_for(disk_bytes)}"
    )


def hide_nursery():
    """Takes what belongs to the nursery out of the view. Returns a descriptor of the folder of staged inputs.

    Unmounting waits for the kernel (about 1 ms), so it is done while the sandbox parks; the few leases that have
    staged inputs put their folder back for a moment.
    """
    staged = kernel.detach_copy(STAGED)
    kernel.unmount(STAGED)
    kernel.unmount(NURSERY_FILES)
    return staged
