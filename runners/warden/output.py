"""What the program writes: its two streams, cut at their limits, and the messages of the runner.

Nothing here interprets what comes. Output is counted in bytes and lines; messages are cut out of their stream by
length and passed on unread.
"""

import os
import struct

from . import frames

_MAX_MESSAGE = 9 << 20
_MAX_MESSAGES = 32 << 20
_MESSAGE_COST = 256  # what each message counts beyond its length: a flood of empty ones costs the host as well
_LENGTH = struct.Struct(">I")
_END = 0xFFFFFFFF  # in the place of a length: the runner ends now


class Streams:
    """stdout and stderr. The limits count both together."""

    def __init__(self, sandbox, limits, line):
        self._kinds = {sandbox.stdout: frames.STDOUT, sandbox.stderr: frames.STDERR}
        self._limits = limits
        self._line = line
        self.bytes = 0
        self.lines = 0
        self.exceeded = None  # the name of the limit that was passed; nothing is forwarded after that

    @property
    def descriptors(self):
        """The read ends that are still open."""
        return list(self._kinds)

    def pump(self, descriptor):
        """Reads once. False when there was nothing, now or for good."""
        try:
            data = os.read(descriptor, frames.MAX_DATA)
        except BlockingIOError:
            return False
        if not data:
            del self._kinds[descriptor]
            return False
        if self.exceeded is None:
            self._forward(self._kinds[descriptor], data)
        return True

    def _forward(self, kind, data):
        allowed = data
        if self.bytes + len(allowed) > self._limits["outputBytes"]:
            allowed, self.exceeded = allowed[: self._limits["outputBytes"] - self.bytes], "outputBytes"
        lines = allowed.count(b"\n")
        left = self._limits["outputLines"] - self.lines
        goes_on = allowed[-1:] not in (b"", b"\n")
        if lines > left or (left == 0 and allowed) or (lines == left and goes_on):
            cut = 0
            for _ in range(left):
                cut = allowed.index(b"\n", cut) + 1
            allowed, self.exceeded, lines = allowed[:cut], "outputLines", left
        self.bytes += len(allowed)
        self.lines += lines
        if allowed:
            self._line.queue(kind, allowed)


class Messages:
    """The runner's messages. `announced` is the status with which the runner has said that it ends, if it has."""

    def __init__(self, descriptor, line):
        self.descriptor = descriptor  # None when the other side is closed
        self.announced = None
        self.warnings = []
        self._line = line
        self._pending = bytearray()
        self._counted = 0
        self._broken = False

    def pump(self):
        """Reads once. False when there was nothing, now or for good."""
        try:
            data = os.read(self.descriptor, frames.MAX_DATA)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.descriptor = None
            return False
        if not self._broken:
            self._pending += data
            self._cut()
        return True

    def _cut(self):
        pending = self._pending
        while len(pending) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(pending)
            if length == _END and self.announced is None:
                if len(pending) == _LENGTH.size:
                    return
                self.announced = pending[_LENGTH.size]
                del pending[: _LENGTH.size + 1]
                continue
            counted = self._counted + length + _MESSAGE_COST
            if length > _MAX_MESSAGE or counted > _MAX_MESSAGES:
                self._broken = True
                pending.clear()
                self.warnings.append(
                    "the program's result channel was cut off: a message was too large or malformed, or there were too many"
                )
                return
            end = _LENGTH.size + length
            if len(pending) < end:
                return
            self._counted = counted
            self._line.queue(frames.MESSAGE, bytes(pending[_LENGTH.size:end]))
            del pending[:end]
