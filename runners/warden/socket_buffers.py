"""What waits in internet sockets and is counted by no cgroup, as far as it can be made without end.

- What has arrived for connections that the program never accepts: the kernel charges it with accept().
- What a datagram socket holds back (UDP_CORK, MSG_MORE), and copies of what it sent that nobody fetches (its queue of
  errors). A socket that was bound and is not any more keeps both and is in no list, only in the number of all sockets.

The warden, who lives in the same network namespace, adds up the most that it may be. The numbers of sockets take 0.02 ms
to read. The lists walk through the sockets of the whole host (2 ms), and a program can make that of connections long,
so they are read only when there are more sockets than an ordinary program has, and for a tenth of the time at most.
"""

import os
import re
import socket
import time

TOO_MUCH = "what waited in the program's internet sockets was more than its memory may be, and it was stopped"

_HELD_BACK = 64 * 1024  # the largest datagram
_CONNECTION = 16 * 1024  # what one costs beside its data
_FEW_SOCKETS = 16
_INTERVAL_S = 0.1
_PAUSE = 10  # times as long as reading the lists took
_PART = 1 << 16  # more than the kernel gives at once, so that no line is cut
# Connections without a file in whatever state (proc_net_tcp(5)) but TIME_WAIT and LISTEN, with the bytes that wait.
_NOT_ACCEPTED = re.compile(
    rb"^ *\d+: \S+ \S+ (?!06|0A)\w\w \w+:(\w+) \S+ \w+ +\d+ +\d+ 0 ", re.MULTILINE
)


class SocketBuffers:
    def __init__(self):
        self._counts = [_open(f"/proc/net/{name}") for name in ("sockstat", "sockstat6")]
        self._connections = [_open(f"/proc/net/{name}") for name in ("tcp", "tcp6")]
        self._local = _open("/proc/net/unix")
        self._next = 0.0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            # net.core.rmem_default of the host, which programs cannot change.
            self._most_of_one = one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) + _HELD_BACK

    def are_over(self, memory_bytes, now):
        """now: seconds of the monotonic clock."""
        counts = self._read_counts()
        connections = counts[b"TCP"] + counts[b"TCP6"]
        others = counts[b"sockets"] - connections
        if now < self._next or (connections <= _FEW_SOCKETS and others <= _FEW_SOCKETS):
            return False
        begin = time.monotonic()
        waiting = sum(map(_not_accepted, self._connections)) if connections > _FEW_SOCKETS else 0
        local = sum(part.count(b"\n") for part in _parts(self._local)) if others > _FEW_SOCKETS else 0
        self._next = now + max(_INTERVAL_S, _PAUSE * (time.monotonic() - begin))
        return max(0, others - local) * self._most_of_one + waiting > memory_bytes

    def _read_counts(self):
        """The sockets of each kind that have an address, and `sockets`, which is all that there are."""
        counts = {b"sockets": 0, b"TCP": 0, b"TCP6": 0}
        for descriptor in self._counts:
            for part in _parts(descriptor):
                for line in part.splitlines():
                    name, _, fields = line.partition(b": ")
                    if name in counts:
                        counts[name] = int(fields.split()[1])
        return counts


def _not_accepted(descriptor):
    """Bytes that wait in connections that have no file yet."""
    total = 0
    for part in _parts(descriptor):
        for found in _NOT_ACCEPTED.finditer(part):
            # Buffers of small parts take about twice the bytes that are in them.
            total += _CONNECTION + 2 * int(found[1], 16)
    return total


def _open(path):
    """None where the kernel has no such protocol."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def _parts(descriptor):
    position = 0
    while descriptor is not None and (part := os.pread(descriptor, _PART, position)):
        position += len(part)
        yield part
