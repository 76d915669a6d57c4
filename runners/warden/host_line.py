"""The warden's connection to the host while a program runs.

It never blocks the loop: frames wait here until the host takes them, and `is_full` tells the loop to stop reading
the program's pipes, so that a slow reader slows the program and memory stays bounded.
"""

from . import frames

_HIGH_WATER = 1 << 20
_SEND_AT_ONCE = 256 * 1024


class HostLine:
    def __init__(self, connection):
        self.connection = connection
        self._outgoing = bytearray()
        self._incoming = bytearray()

    @property
    def has_waiting(self):
        return bool(self._outgoing)

    @property
    def is_full(self):
        return len(self._outgoing) >= _HIGH_WATER

    def queue(self, kind, payload):
        self._outgoing += frames.encode(kind, payload)

    def send(self):
        """Sends what the host takes at once. Raises ConnectionLost."""
        while self._outgoing:
            try:
                sent = self.connection.send(memoryview(self._outgoing)[:_SEND_AT_ONCE])
            except BlockingIOError:
                return
            except OSError as error:
                raise frames.ConnectionLost from error
            del self._outgoing[:sent]

    def flush(self):
        """Sends what is queued, waiting for the host as long as it takes. Raises ConnectionLost."""
        self.connection.setblocking(True)
        try:
            self.connection.sendall(self._outgoing)
        except OSError as error:
            raise frames.ConnectionLost from error
        self._outgoing.clear()

    def receive(self):
        """The frames that have arrived whole, as a list of (kind, payload). Raises ConnectionLost."""
        try:
            data = self.connection.recv(65536)
        except BlockingIOError:
            return []
        except OSError as error:
            raise frames.ConnectionLost from error
        if not data:
            raise frames.ConnectionLost
        self._incoming += data
        whole = []
        while len(self._incoming) >= frames.HEADER.size:
            length, kind = frames.HEADER.unpack_from(self._incoming)
            end = frames.HEADER.size + length
            if len(self._incoming) < end:
                break
            whole.append((kind, bytes(self._incoming[frames.HEADER.size:end])))
            del self._incoming[:end]
        return whole
