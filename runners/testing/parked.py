"""A runner that is started before its program is there."""
import os

from .frames import next_message, read_frames
from .process import MESSAGES, Process
from .result import Result

_STDIN, _STDERR, _START = 0, 2, 3


class Parked(Process):
    """One that has said that it is parked, and waits for its task."""

    def __init__(self, command, environment, workspace):
        pipes = {number: os.pipe() for number in (_STDIN, _START)}
        self._writers = {number: writer for number, (_, writer) in pipes.items()}
        super().__init__(command, environment, workspace, {number: reader for number, (reader, _) in pipes.items()})
        while (first := next_message(self.collected[MESSAGES])) is None:
            part = os.read(self.readers[MESSAGES], 1 << 16)
            if not part:
                self._hang_up()
                self.collect()
                raise AssertionError(f"{command} did not park: {self.output(_STDERR).decode('utf-8', 'replace')}")
            self.collected[MESSAGES] += part
        message, self.collected[MESSAGES] = first
        if message != {"type": "parked"}:
            self.end()
            raise AssertionError(f"the first message of {command} must be that it is parked, not {message}")

    def go(self, stdin=b"", deaf=()):
        """Starts the program and returns when it is over. `deaf`: descriptors that nobody reads."""
        for number in deaf:
            os.close(self.readers.pop(number))
        os.write(self._writers[_STDIN], stdin)
        os.close(self._writers.pop(_STDIN))
        os.write(self._writers[_START], b"\n")
        return self.wait()

    def wait(self):
        """Waits for the end. Without a program: there is none for this runner."""
        self._hang_up()
        status = self.collect()
        stdout, stderr = (self.output(number).decode("utf-8", "backslashreplace") for number in (1, _STDERR))
        return Result(status, stdout, stderr, *read_frames(self.output(MESSAGES)))

    def end(self):
        self._hang_up()
        super().end()

    def _hang_up(self):
        while self._writers:
            os.close(self._writers.popitem()[1])
