"""The program's source text, for everything that prints lines of it.

Theory of operation. `linecache` serves traceback, inspect and warnings. CPython's own
printers of exceptions (up to 3.12 all of them, from 3.13 on the one for unraisable exceptions)
never look there: they open the file, by `io.open`, and read it by descriptor. Inline code has
no file, and a relative name means another file once the program changes its folder. So while
such a printer works, `io.open` answers for the program's file name with an anonymous file
that holds the text (`Sources.visible`).
"""
import io
import linecache
import os
import sys
import tempfile
import threading
from contextlib import contextmanager

from .frames import clean


class Sources:
    """The texts of the program by the file names they were compiled with."""

    def __init__(self):
        self._files = {}
        self._users = 0
        self._real_open = None
        self._lock = threading.Lock()

    def add(self, filename, text, raw):
        """Make `filename` known to linecache (hence traceback, inspect, warnings). `raw` is the
        text as bytes, in the encoding it declares."""
        self._files[filename] = raw
        lines = text.splitlines(keepends=True)
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        linecache.cache[filename] = (len(text), None, lines, filename)

    def forget(self):
        for filename in self._files:
            linecache.cache.pop(filename, None)

    def __contains__(self, filename):
        return filename in self._files

    @contextmanager
    def visible(self):
        """While active, in any thread, CPython's exception printers find the source lines."""
        self._enter(1)
        try:
            yield
        finally:
            self._enter(-1)

    def _enter(self, step):
        with self._lock:
            if self._users == 0:
                self._real_open, io.open = io.open, self._open
            self._users += step
            if self._users == 0:
                io.open = self._real_open

    def _open(self, file, *args, **kwargs):
        raw = self._files.get(file) if type(file) is str else None
        return self._real_open(file, *args, **kwargs) if raw is None else _anonymous_file(raw)

    def install_hooks(self):
        """Show source lines also for exceptions in threads and for unraisable ones."""
        thread_hook, unraisable_hook = threading.excepthook, sys.unraisablehook

        def excepthook(args):
            clean(args.exc_value)
            with self.visible():
                thread_hook(args)

        def unraisablehook(unraisable):
            clean(unraisable.exc_value)
            with self.visible():
                unraisable_hook(unraisable)

        threading.excepthook, sys.unraisablehook = excepthook, unraisablehook


def _anonymous_file(content):
    try:
        raw = io.FileIO(os.memfd_create("source"), "r+")
    except OSError:  # a sandbox whose memory nothing counts has no memfd
        raw = tempfile.TemporaryFile(buffering=0)
    raw.write(content)
    raw.seek(0)
    return io.BufferedReader(raw)
