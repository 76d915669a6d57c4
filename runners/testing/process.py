"""A process with the descriptors that a sandbox gives it."""
import fcntl
import os
import subprocess

from .pipes import drain

MESSAGES = 4
_FIRST_FREE = 64

# Popen fails if a number in pass_fds is not open in this process too, and between two steps of it another thread may
# close what had that number. So the numbers are taken here for good.
while os.open(os.devnull, os.O_RDONLY) < MESSAGES:
    pass


class Process:
    """Collects the output and the messages of a command. The descriptors of `given`, {number: end}, are closed here."""

    def __init__(self, command, environment, workspace, given, collected=(1, 2, MESSAGES)):
        self._command = command
        pipes = {number: os.pipe() for number in collected}
        self.readers = {number: reader for number, (reader, _) in pipes.items()}
        self.collected = {number: bytearray() for number in collected}
        theirs = {**given, **{number: writer for number, (_, writer) in pipes.items()}}
        try:
            self.process = subprocess.Popen(
                command, env=environment, cwd=workspace, preexec_fn=lambda: _place(theirs),
                pass_fds=[number for number in theirs if number > 2],
            )
        finally:
            for end in theirs.values():
                os.close(end)

    def collect(self):
        """Reads until the process is over. Returns its status."""
        drain(self.readers, self.collected, self._command)
        return self.process.wait()

    def output(self, number):
        return bytes(self.collected.get(number, b""))

    def end(self):
        """Ends a process of which nothing more is wanted; does nothing to one that is over."""
        self.process.kill()
        self.process.wait()
        while self.readers:
            os.close(self.readers.popitem()[1])


def _place(theirs):
    """In the child: gives each end its number."""
    moved = {number: fcntl.fcntl(end, fcntl.F_DUPFD, _FIRST_FREE) for number, end in theirs.items()}
    for number, end in moved.items():
        os.dup2(end, number)
