"""The stream of messages from the runner to the warden.

Theory of operation. A message is a 4-byte big-endian length and a UTF-8 JSON
object. Three kinds of writers can meet on one channel: threads, forked children
of the program (a worker that reports progress), and a signal handler that
interrupts a write by raising. A frame must reach the reader whole all the same, so a
write happens with signals blocked, under a lock of this process (made anew after a
fork, because the old one may have been held by a thread that no longer exists) and
under a POSIX record lock on the channel itself, which excludes other processes.

A channel that breaks once stays silent: the program goes on without a listener.

The last word of the process that made the channel is its exit status, as a length that no message has and one
byte. It makes the warden look whether the process is exiting, so that it need not wait until the kernel has taken
the memory of a large process apart.
"""
import fcntl
import json
import os
import signal
import threading

MAX_MESSAGE_BYTES = 8 * 1024 * 1024

_END = b"\xff\xff\xff\xff"

_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode
_write, _fstat, _getpid, _sigmask = os.write, os.fstat, os.getpid, signal.pthread_sigmask
_ALL_SIGNALS = signal.valid_signals()


class Channel:
    """Writes messages to a file descriptor; `owner` is the process that made it."""

    def __init__(self, descriptor):
        os.set_inheritable(descriptor, False)
        self.owner = _getpid()
        self._descriptor = descriptor
        self._broken = False
        self._identity = _identity(descriptor)
        self._process = self.owner
        self._lock = threading.Lock()

    def owned(self):
        """False in a forked child of the program."""
        return _getpid() == self.owner

    def send(self, message):
        """Write one message. Returns False, having written nothing, if it is larger than
        MAX_MESSAGE_BYTES. Raises ValueError or TypeError if it is not JSON."""
        # A lone surrogate is written as the JSON escape of itself.
        body = _encode(message).encode("utf-8", "backslashreplace")
        if len(body) > MAX_MESSAGE_BYTES:
            return False
        if not self._broken:
            self._write_frame(len(body).to_bytes(4, "big") + body)
        return True

    def end(self, status):
        """Say with which status this process ends now. A forked child of the program says nothing."""
        if self.owned() and not self._broken:
            self._write_frame(_END + bytes([status & 0xFF]))

    def warn(self, text):
        self.send({"type": "warning", "message": text[:4000]})

    def _write_frame(self, frame):
        if _getpid() != self._process:
            self._process, self._lock = _getpid(), threading.Lock()
        before = _sigmask(signal.SIG_BLOCK, ())
        try:
            _sigmask(signal.SIG_BLOCK, _ALL_SIGNALS)
            with self._lock:
                self._write_locked(frame)
        finally:
            _sigmask(signal.SIG_SETMASK, before)

    def _write_locked(self, frame):
        if _identity(self._descriptor) != self._identity:
            # The program closed it; the number may be that of a file of its own by now.
            self._broken = True
            return
        locked = self._record_lock(fcntl.LOCK_EX)
        try:
            rest = memoryview(frame)
            while rest:
                rest = rest[_write(self._descriptor, rest):]
        except OSError:
            self._broken = True
        finally:
            if locked:
                self._record_lock(fcntl.LOCK_UN)

    def _record_lock(self, operation):
        try:
            fcntl.lockf(self._descriptor, operation)
            return True
        except OSError:
            return False


def _identity(descriptor):
    try:
        found = _fstat(descriptor)
        return found.st_dev, found.st_ino
    except OSError:
        return None
