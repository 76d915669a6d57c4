"""Frames between the warden and the host: four bytes of length (big endian), one byte of kind, the payload.

The length counts the payload alone. JSON payloads are UTF-8 objects. The host trusts none of it.
"""

import json
import struct

HEADER = struct.Struct(">IB")

# From the warden.
PARKED = 0x01
STDOUT = 0x10
STDERR = 0x11
MESSAGE = 0x12
SAMPLE = 0x13
ALERT = 0x14
ARTIFACT = 0x20
ARTIFACT_DATA = 0x21
RESULTS = 0x22
FINISHED = 0x30
FAULT = 0x31

# From the host.
LEASE = 0x80
FILE_DATA = 0x81
CANCEL = 0x83

MAX_DATA = 256 * 1024


class ConnectionLost(Exception):
    """The host closed the connection: the sandbox has no owner any more."""


def encode(kind, payload):
    """One frame as bytes; a dict is sent as JSON."""
    if isinstance(payload, dict):
        payload = json.dumps(payload, separators=(",", ":")).encode()
    return HEADER.pack(len(payload), kind) + payload


def read_exactly(connection, size):
    """Reads `size` bytes from a blocking socket. Raises ConnectionLost at its end."""
    if size <= 0:
        return b""
    chunk = connection.recv(min(size, 1 << 20))
    if len(chunk) == size:
        return chunk
    parts = bytearray(chunk)
    while len(parts) < size:
        if not chunk:
            raise ConnectionLost
        chunk = connection.recv(min(size - len(parts), 1 << 20))
        parts += chunk
    return bytes(parts)


def read_frame(connection):
    """Reads one frame from a blocking socket: (kind, payload bytes)."""
    length, kind = HEADER.unpack(read_exactly(connection, HEADER.size))
    return kind, read_exactly(connection, length)
