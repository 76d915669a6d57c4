"""The results that a program wrote to a file, for languages without a better way.

The file is passed on unread: what stands in it is for the host to parse and to judge.
"""

import os
import stat

from . import frames
from .mounts import JOB

FILE = "results.jsonl"
MAX_BYTES = 8 * 1024 * 1024
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def send(connection, warnings):
    """Sends what the program left in the file of results. Called when none of its processes runs any more."""
    try:
        descriptor = os.open(f"{JOB}/{FILE}", _OPEN)
    except OSError:
        return  # the program removed it or put something else there
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return
        if status.st_size > MAX_BYTES:
            warnings.append(f"the file of results has {status.st_size} bytes; the first {MAX_BYTES} were read")
        left = min(status.st_size, MAX_BYTES)
        while left > 0:
            part = os.read(descriptor, min(left, frames.MAX_DATA))
            if not part:
                return
            left -= len(part)
            connection.sendall(frames.encode(frames.RESULTS, part))
    finally:
        os.close(descriptor)
