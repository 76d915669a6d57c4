"""Keeps a program to its share of CPU time where no cgroup does it: by turns all of it runs and all of it stands still."""

import os
import signal

from .gauges import process_ids

# What a program may be ahead of its share, so that a start at full speed is not stopped at once.
_AHEAD_MS = 50


class Throttle:
    def __init__(self, percent):
        self._percent = percent
        self._stopped = False
        self._stopped_before = frozenset()

    def keep(self, elapsed_ms, cpu_ms):
        """Has the program stand still until the time that passed has caught up with the time that it used."""
        if cpu_ms > elapsed_ms * self._percent / 100 + _AHEAD_MS:
            self._stop()
        else:
            self.resume()

    def _stop(self):
        if self._stopped:
            return
        self._stopped = True
        self._stopped_before = frozenset(pid for pid in process_ids() if _is_stopped(pid))
        try:
            os.kill(-1, signal.SIGSTOP)
        except ProcessLookupError:
            pass

    def resume(self):
        """What the program itself had stopped stays so. No process is new: none could be made meanwhile."""
        if not self._stopped:
            return
        self._stopped = False
        for pid in process_ids():
            if pid not in self._stopped_before:
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    pass


def _is_stopped(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] == b"T"
    except OSError:
        return False
