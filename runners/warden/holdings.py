"""What a program holds of the kernel besides memory and time: open files, locks on files, and what waits in sockets
(see socket_buffers).

A lock on a file is memory of the kernel that no cgroup counts (192 bytes), and a process may take any number of them.
So the warden counts them and stops a program that holds more than any needs.

The kernel lists the locks of the whole host to whoever asks, and shows those of this sandbox's processes. To ask
waits for all processors (10 ms measured, of which the warden computes 0.07), so it is done only when the program
has had the time to make many: 100 ms make 130 000 at most, 25 MB. Locks without a process cannot be made (see filter).
"""

import functools
import os

from . import socket_buffers

MAX_LOCKS = 4096
_TOO_MANY_LOCKS = f"the program held more than {MAX_LOCKS} locks on files, which are memory of the kernel, and was stopped"

_CPU_STEP_MS = 100
_PART = 1 << 16  # more than the kernel gives at once, so that no line is cut
_READ_AT_MOST = 1 << 20
_WITHOUT_PROCESS = b" -1 "  # locks of open files, shown to everybody: not of this sandbox


class Holdings:
    """What no cgroup counts. locks: a descriptor of /proc/locks, or None where there is none."""

    def __init__(self, locks):
        self._locks = FileLocks(locks)

    def excess(self, cpu_ms, memory_bytes, now):
        """Of what the program holds too much, in words; None when it does not.

        cpu_ms: what it has computed so far. memory_bytes: its limit. now: seconds of the monotonic clock.
        """
        if self._locks.are_too_many(cpu_ms):
            return _TOO_MANY_LOCKS
        return socket_buffers.TOO_MUCH if self._buffers.are_over(memory_bytes, now) else None

    @functools.cached_property
    def _buffers(self):
        # At the first look: most programs have ended by then.
        return socket_buffers.SocketBuffers()


class FileLocks:
    """The locks of all processes of this sandbox. descriptor: of /proc/locks, or None where there is none."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._counted_at = 0.0

    def are_too_many(self, cpu_ms):
        """cpu_ms: the time that the program has computed so far."""
        if self._descriptor is None or cpu_ms - self._counted_at < _CPU_STEP_MS:
            return False
        self._counted_at = cpu_ms
        return self._count() > MAX_LOCKS

    def _count(self):
        """The number of locks, or any above the limit."""
        count = position = 0
        while count <= MAX_LOCKS and position < _READ_AT_MOST:
            part = os.pread(self._descriptor, _PART, position)
            if not part:
                break
            position += len(part)
            count += part.count(b"\n") - part.count(_WITHOUT_PROCESS)
        return count


def open_files(pid):
    """The number of descriptors of a process; 0 when it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0
