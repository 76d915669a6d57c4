"""What waits in internet sockets and is counted by no cgroup.

Two kinds of it can be made without end: what has arrived for connections that the program never accepts, because the
kernel charges it with accept(), and datagrams that are held back (UDP_CORK, MSG_MORE), up to 64 KiB a socket. The
warden, who lives in the same network namespace, adds up the most that they may be.

The number of sockets costs 0.02 ms to read. The list of connections walks through those of the whole host (2 ms), so
it is read only when there are more connections than an ordinary program has, and at most every tenth of a second.
"""

import os

TOO_MUCH = "what waited in the program's internet sockets was more than its memory may be, and it was stopped"

_HELD_BACK = 64 * 1024
_CONNECTION = 16 * 1024  # what one costs beside its data
_FEW_CONNECTIONS = 16
_INTERVAL_S = 0.1
_ESTABLISHED = b"01"


class SocketBuffers:
    def __init__(self):
        self._counts = [_open(f"/proc/net/{name}") for name in ("sockstat", "sockstat6")]
        self._lists = [_open(f"/proc/net/{name}") for name in ("tcp", "tcp6")]
        self._listed_at = 0.0
        self._waiting = 0

    def are_over(self, memory_bytes, now):
        """now: seconds of the monotonic clock."""
        datagram, stream = self._sockets()
        if stream <= _FEW_CONNECTIONS:
            self._waiting = 0
        elif now - self._listed_at >= _INTERVAL_S:
            self._listed_at = now
            self._waiting = sum(map(_waiting, map(_content, self._lists)))
        return datagram * _HELD_BACK + self._waiting > memory_bytes

    def _sockets(self):
        """The number of UDP and of TCP sockets."""
        counts = {b"UDP": 0, b"TCP": 0}
        for content in map(_content, self._counts):
            for line in content.splitlines():
                name, _, fields = line.partition(b": inuse ")
                kind = name.removesuffix(b"6")
                if kind in counts:
                    counts[kind] += int(fields.split()[0])
        return counts[b"UDP"], counts[b"TCP"]


def _waiting(connections):
    """Bytes that wait in connections that have no file yet, by the lines of /proc/net/tcp."""
    total = 0
    for line in connections.splitlines()[1:]:
        fields = line.split()
        if fields[3] == _ESTABLISHED and fields[9] == b"0":
            # Buffers of small parts take about twice the bytes that are in them.
            total += _CONNECTION + 2 * int(fields[4].partition(b":")[2], 16)
    return total


def _open(path):
    """None where the kernel has no such protocol."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def _content(descriptor):
    if descriptor is None:
        return b""
    parts = []
    position = 0
    while part := os.pread(descriptor, 1 << 16, position):
        parts.append(part)
        position += len(part)
    return b"".join(parts)
